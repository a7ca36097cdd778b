"""An organisation with somebody in it and root folders, for suites to fill."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, User
from folders.choices import ItemKind, ItemState, UnitKind
from folders.models import Folder, Item, Unit

_BATCH = 5000


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
