"""Adds units to collections and removes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from accounts.actor import Actor
from collections_app.constants import MAX_PICKED_UNITS
from collections_app.matching import Matching
from collections_app.models import Collection, CollectionUnit, PickedUnits
from collections_app.recipes import Step, make_step
from core.errors import InvalidInput
from core.services import audit
from folders.choices import FolderRole
from folders.models import Unit
from folders.permissions import get_root
from folders.querysets import UnitQuerySet


@dataclass(frozen=True)
class Change:
    """What became of the units that were named: changed, and found as wanted already."""

    changed: int
    unchanged: int


@transaction.atomic
def add_units(
    *,
    actor: Actor,
    collection: Collection,
    units: UnitQuerySet | Iterable[int],
    matching: Matching | None = None,
) -> Change:
    """Add those of the units that the actor sees in the collection's root.

    Args:
        units: a queryset, or ids picked by hand.
        matching: the description that the units come from, for the recipe.
    """
    get_root(actor, collection.root_id, FolderRole.EDITOR)
    lock(collection)
    wanted = seen_units(actor, collection, units)
    picked = _ids(wanted) if matching is None else None
    change = insert_members(actor, collection, wanted)
    if change.changed:
        append_step(actor, collection, "added", change.changed, matching, picked=picked)
    return change


@transaction.atomic
def remove_units(
    *,
    actor: Actor,
    collection: Collection,
    units: UnitQuerySet | Iterable[int],
    matching: Matching | None = None,
) -> Change:
    """Remove those of the units that the actor sees; the units themselves stay in their folder."""
    get_root(actor, collection.root_id, FolderRole.EDITOR)
    lock(collection)
    wanted = seen_units(actor, collection, units)
    total = wanted.count()
    picked = _ids(wanted) if matching is None else None
    removed = delete_members(collection, wanted)
    if removed:
        append_step(actor, collection, "removed", removed, matching, picked=picked)
    return Change(changed=removed, unchanged=total - removed)


def collected(unit_ids: list[int]) -> set[int]:
    """Those of the units that are members of any collection."""
    members = CollectionUnit.objects.filter(unit__in=unit_ids)
    return set(members.values_list("unit", flat=True))


def lock(collection: Collection) -> None:
    """Let one change of this collection's members happen at a time, until the transaction ends.

    Two that add overlapping units in different orders would otherwise wait for each other for ever.
    """
    locked = Collection.objects.select_for_update().only("recipe").get(pk=collection.pk)
    collection.recipe = locked.recipe


def seen_units(
    actor: Actor, collection: Collection, units: UnitQuerySet | Iterable[int]
) -> UnitQuerySet:
    """Those of the units that lie in the collection's root and that the actor may see."""
    seen = Unit.objects.visible_to(actor).filter(root=collection.root_id)
    if isinstance(units, UnitQuerySet):
        return seen.filter(pk__in=units.order_by().values("pk"))
    ids = list(units)
    if len(ids) > MAX_PICKED_UNITS:
        raise InvalidInput(
            f"At most {MAX_PICKED_UNITS:,} units can be named one by one; use a filter for more."
        )
    return seen.filter(pk__in=ids)


def insert_members(actor: Actor, collection: Collection, units: UnitQuerySet) -> Change:
    """Insert the units as members, in one statement; those that are members stay as they are.

    The units are locked first, as the foreign key would do only at the commit: else one of them
    might be taken away in between, and the commit fail.
    """
    try:
        sql, params = units.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return Change(changed=0, unchanged=0)
    table = connection.ops.quote_name(CollectionUnit._meta.db_table)
    units_table = connection.ops.quote_name(Unit._meta.db_table)
    # Only the compiled queryset and the tables' own names go into the text; values are parameters.
    statement = f"""
        WITH wanted (id) AS MATERIALIZED (
            SELECT id FROM {units_table} WHERE id IN ({sql}) ORDER BY id FOR KEY SHARE
        ), added AS (
            INSERT INTO {table} (collection_id, unit_id, added_by_id, added_at)
            SELECT %s, id, %s, now() FROM wanted ON CONFLICT DO NOTHING RETURNING 1
        )
        SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM wanted)
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, collection.pk, actor.user.pk])
        added, wanted = cursor.fetchone()
    return Change(changed=added, unchanged=wanted - added)


def delete_members(collection: Collection, units: UnitQuerySet) -> int:
    """End the memberships of the units; return how many were members."""
    wanted = units.order_by().values("pk")
    members = CollectionUnit.objects.filter(collection=collection, unit__in=wanted)
    removed, _ = members.delete()
    return removed


def append_step(
    actor: Actor,
    collection: Collection,
    action: str,
    units: int,
    matching: Matching | None,
    job: UUID | None = None,
    picked: list[int] | None = None,
) -> Step:
    """Write the change into the recipe and the audit log; the caller holds the lock.

    `picked` are the units of a step that no description names: those that were asked for, whether
    or not they were members already, for a replay may start from others.
    """
    step = make_step(actor=actor, action=action, units=units, matching=matching, job=job)
    if picked is not None:
        kept = PickedUnits.objects.create(collection=collection, units=picked)
        step["picked"] = str(kept.pk)
    collection.recipe = [*collection.recipe, step]
    collection.save(update_fields=["recipe", "updated_at"])
    audit.record(
        actor=actor,
        action=f"collection.units_{action}",
        target=collection,
        data={"units": units},
    )
    return step


def _ids(units: UnitQuerySet) -> list[int]:
    return list(units.order_by("pk").values_list("pk", flat=True))
