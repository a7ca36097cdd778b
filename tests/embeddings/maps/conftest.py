"""A small map of Birds: six points, of which two lie in Night."""

from dataclasses import dataclass

import pytest

from embeddings.models import Reduction
from folders.choices import KeyType
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.mapping import make_map
from tests.embeddings.worlds import make_key, make_units, put

POINTS = [(-2.0, 1.0), (0.5, 0.25), (3.0, -1.0), (0.1, 4.0), (1.0, 1.0), (-0.5, -3.5)]


@dataclass(frozen=True)
class SmallMap:
    """The map, its key, and the unit ids in the order of ordinals; the last two are in Night."""

    reduction: Reduction
    key: MetadataKey
    units: list[int]

    @property
    def address(self) -> str:
        """Where the API has it."""
        return f"/api/v1/maps/{self.reduction.pk}/"


@pytest.fixture
def small_map(birds: Folder, night: Folder) -> SmallMap:
    """The map, with metadata on the units."""
    units = [*make_units(birds, 4), *make_units(night, 2)]
    key = make_key(birds)
    put(key, {unit: (1.0, place, 0.5) for place, unit in enumerate(units)})
    for name, kind in (
        ("label", KeyType.ENUM),
        ("ink", KeyType.NUMBER),
        ("rare", KeyType.BOOLEAN),
        ("3", KeyType.VARCHAR),
        ("note", KeyType.TEXT),
    ):
        MetadataKey.objects.create(
            organisation=birds.organisation, name=name, type=kind, values=["owl", "gull", "tern"]
        )
    metadata = [
        {"label": "gull", "ink": 1.5, "rare": True, "3": "x", "note": "shy " * 40},
        {"label": "owl", "ink": -2, "rare": False},
        {"label": "gull", "ink": "much", "3": "y"},
        {"label": None, "rare": True, "other": "no key"},
        {"label": "owl", "ink": 10},
        {"label": "tern"},
    ]
    for unit, values in zip(units, metadata, strict=True):
        Unit.objects.filter(pk=unit).update(metadata=values)
    return SmallMap(make_map(birds, key, units, POINTS), key, units)
