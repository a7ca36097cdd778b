"""An organisation with somebody in it and root folders, for suites to fill."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Model

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, User
from embeddings.copying import read_records
from folders.choices import ItemKind, ItemState, UnitKind
from folders.models import Folder, Item, Unit

_BATCH = 5000
_COPIES = 50_000


@dataclass(frozen=True, slots=True)
class World:
    """An administrator and a root folder of his organisation."""

    actor: Actor
    root: Folder


def new_world(name: str) -> World:
    """A world of its own: nothing that an earlier suite left is in it."""
    organisation = Organisation.objects.create(name=name)
    user = User.objects.create(email=f"{organisation.pk.hex}@example.org", name=name)
    Membership.objects.create(organisation=organisation, user=user, role=OrganisationRole.ADMIN)
    root = Folder(organisation=organisation, name=name, created_by=user)
    root.root, root.path = root, f"/{root.id.hex}/"
    root.save(force_insert=True)
    return World(actor=Actor(user=user, organisation=organisation), root=root)


def add_images(world: World, count: int) -> npt.NDArray[np.int64]:
    """Ready images without files, image-0000000.png and on; returns the ids of their units."""
    organisation = world.actor.organisation
    unit_ids: list[int] = []
    for start in range(0, count, _BATCH):
        items = Item.objects.bulk_create(
            Item(
                organisation=organisation,
                folder=world.root,
                kind=ItemKind.IMAGE,
                name=f"image-{number:07}.png",
                state=ItemState.READY,
            )
            for number in range(start, min(start + _BATCH, count))
        )
        units = Unit.objects.bulk_create(
            Unit(item=item, kind=UnitKind.IMAGE, folder=world.root, root=world.root)
            for item in items
        )
        unit_ids += [unit.pk for unit in units]
    return np.array(sorted(unit_ids), dtype=np.int64)


def add_many_images(world: World, count: int) -> npt.NDArray[np.int64]:
    """As add_images, by copies that the database makes of one: a million in a minute."""
    (first,) = add_images(world, 1).tolist()
    item_columns = _columns_but(Item, "id", "name")
    unit_columns = _columns_but(Unit, "id", "item_id")
    with connection.cursor() as cursor:
        for start in range(1, count, _COPIES):
            end = min(start + _COPIES, count) - 1
            cursor.execute(
                f"""
                WITH copies AS (
                    INSERT INTO folders_item (id, name, {item_columns})
                    SELECT gen_random_uuid(), format('image-%%s.png', n), {item_columns}
                    FROM folders_item i, generate_series(%s, %s) n
                    WHERE i.id = (SELECT item_id FROM folders_unit WHERE id = %s)
                    RETURNING id
                )
                INSERT INTO folders_unit (item_id, {unit_columns})
                SELECT copies.id, {unit_columns}
                FROM copies, (SELECT {unit_columns} FROM folders_unit WHERE id = %s) AS one
                """,  # noqa: S608 - columns of ours
                [start, end, first, first],
            )
    return read_records(
        "SELECT id FROM folders_unit WHERE root_id = %s ORDER BY id",
        [world.root.pk],
        [("id", "i8")],
    )["id"].astype(np.int64)


def _columns_but(model: type[Model], *left_out: str) -> str:
    columns = [field.column for field in model._meta.concrete_fields]
    return ", ".join(f'"{column}"' for column in columns if column not in left_out)
