"""A folder with metadata and vectors to explore."""

from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import User
from folders.choices import KeyType
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import put
from tests.factories import EmbeddingKeyFactory, ItemFactory, UnitFactory


@dataclass(frozen=True)
class World:
    """Birds with 12 units, of which the last four lie in Night.

    Unit i: label cycles through a, b, c; ink is i / 10 (missing for unit 5); seen is i % 2 == 0;
    taken is the (i + 1)-th of March 2026; its vector under `clip` points at angle i, and is missing
    for units 10 and 11.
    """

    root: Folder
    night: Folder
    units: list[Unit]
    clip: MetadataKey

    @property
    def ids(self) -> list[int]:
        """Ids of the units in order."""
        return [unit.pk for unit in self.units]


@pytest.fixture
def world(birds: Folder, night: Folder) -> World:
    """The folder to explore."""
    organisation = birds.organisation
    for name, kind, values in (
        ("label", KeyType.ENUM, ["a", "b", "c"]),
        ("ink", KeyType.NUMBER, []),
        ("seen", KeyType.BOOLEAN, []),
        ("taken", KeyType.DATETIME, []),
        ("note", KeyType.VARCHAR, []),
    ):
        MetadataKey.objects.create(organisation=organisation, name=name, type=kind, values=values)
    clip = EmbeddingKeyFactory.create(organisation=organisation, name="clip", dimensions=2)
    units = [_unit(birds if i < 8 else night, i) for i in range(12)]
    put(clip, {units[i].pk: [10.0 - i, float(i)] for i in range(10)})
    return World(birds, night, units, clip)


@pytest.fixture
def page(client: Client, viewer: User) -> Client:
    """A browser of the viewer."""
    client.force_login(viewer)
    return client


def _unit(folder: Folder, i: int) -> Unit:
    metadata = {
        "label": "abc"[i % 3],
        "ink": i / 10,
        "seen": i % 2 == 0,
        "taken": f"2026-03-{i + 1:02}T08:00:00+00:00",
        "note": f"bird number {i}",
    }
    if i == 5:
        del metadata["ink"]
    item = ItemFactory.create(folder=folder, name=f"bird-{i:02}.png", client_metadata=metadata)
    return UnitFactory.create(item=item)
