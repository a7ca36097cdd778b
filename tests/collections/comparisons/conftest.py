"""A folder with two collections to compare."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection
from collections_app.services.collections import create_collection
from collections_app.services.members import add_units
from folders.choices import KeyType
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import put
from tests.factories import EmbeddingKeyFactory, ItemFactory, UnitFactory


@dataclass(frozen=True)
class World:
    """Birds with ten units, the last four of which lie in Night.

    Early holds units 0 to 5, Late units 4 to 9. Unit i: ink is i; label is "a" below 5, else "b";
    seen is true for even ones; note is its own; its vector under `clip` turns with i, and unit 9
    has none.
    """

    root: Folder
    units: list[Unit]
    early: Collection
    late: Collection
    clip: MetadataKey

    def refs(self) -> dict[str, str]:
        """The two sides as an address names them."""
        return {"a": f"collection:{self.early.pk}", "b": f"collection:{self.late.pk}"}


@pytest.fixture
def world(birds: Folder, night: Folder, editor: User, actor_for: Callable[[User], Actor]) -> World:
    """The folder."""
    actor = actor_for(editor)
    for name, kind, values in (
        ("ink", KeyType.NUMBER, []),
        ("label", KeyType.ENUM, ["a", "b"]),
        ("seen", KeyType.BOOLEAN, []),
        ("taken", KeyType.DATETIME, []),
        ("empty", KeyType.NUMBER, []),
    ):
        MetadataKey.objects.create(
            organisation=birds.organisation, name=name, type=kind, values=values
        )
    clip = EmbeddingKeyFactory.create(organisation=birds.organisation, name="clip", dimensions=2)
    units = [_unit(birds if i < 6 else night, i) for i in range(10)]
    put(clip, {units[i].pk: [10.0 - i, float(i)] for i in range(9)})
    early, late = (create_collection(actor=actor, root=birds, name=n) for n in ("Early", "Late"))
    add_units(actor=actor, collection=early, units=[unit.pk for unit in units[:6]])
    add_units(actor=actor, collection=late, units=[unit.pk for unit in units[4:]])
    return World(birds, units, early, late, clip)


def _unit(folder: Folder, i: int) -> Unit:
    metadata = {
        "ink": i,
        "label": "a" if i < 5 else "b",
        "seen": i % 2 == 0,
        "taken": f"2026-03-{i + 1:02}T08:00:00+00:00",
    }
    return UnitFactory.create(
        item=ItemFactory.create(folder=folder, name=f"bird-{i}.png", client_metadata=metadata)
    )
