"""Adds items to collections and removes them; see collections_app.items for what that means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from collections_app.constants import MAX_PICKED_UNITS
from collections_app.items import all_units, items_by_name, own_units
from collections_app.models import Collection
from collections_app.services.members import add_units, remove_units


@dataclass(frozen=True, slots=True)
class NamedItems:
    """What became of items that were named by their titles."""

    requested: int
    matched: int = 0
    added: int = 0
    ambiguous: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


@transaction.atomic
def add_items(*, actor: Actor, collection: Collection, item_ids: Sequence[UUID]) -> list[UUID]:
    """Add the items that the actor sees in the collection's root; return the others.

    Raises:
        NotAllowed: the actor edits no part of the root.
    """
    units = own_units(actor, collection.root, item_ids)
    for some in _batches(units.values()):
        add_units(actor=actor, collection=collection, units=some)
    return [item_id for item_id in dict.fromkeys(item_ids) if item_id not in units]


@transaction.atomic
def remove_items(*, actor: Actor, collection: Collection, item_ids: Sequence[UUID]) -> list[UUID]:
    """Remove the items with their frames; return those that the actor does not see in the root.

    Raises:
        NotAllowed: the actor edits no part of the root.
    """
    units = all_units(actor, collection.root, item_ids)
    for some in _batches(unit for ids in units.values() for unit in ids):
        remove_units(actor=actor, collection=collection, units=some)
    return [item_id for item_id in dict.fromkeys(item_ids) if item_id not in units]


@transaction.atomic
def add_items_by_title(
    *, actor: Actor, collection: Collection, titles: Iterable[str]
) -> NamedItems:
    """Add the items whose names these are; a name of several items is reported and adds none.

    Raises:
        NotAllowed: the actor edits no part of the root.
    """
    wanted = list(dict.fromkeys(titles))
    found = items_by_name(actor, collection.root, wanted)
    units = own_units(actor, collection.root, [ids[0] for ids in found.values() if len(ids) == 1])
    change = add_units(actor=actor, collection=collection, units=list(units.values()))
    return NamedItems(
        requested=len(wanted),
        matched=len(units),
        added=change.changed,
        ambiguous=[title for title in wanted if len(found.get(title, ())) > 1],
        unmatched=[title for title in wanted if title not in found],
    )


def _batches(unit_ids: Iterable[int]) -> Iterable[list[int]]:
    """At least one, so that rights are looked at."""
    ids = list(unit_ids)
    starts = range(0, max(len(ids), 1), MAX_PICKED_UNITS)
    return [ids[start : start + MAX_PICKED_UNITS] for start in starts]
