"""Models of the collections app."""

from collections_app.models.collection import Collection, CollectionUnit, PickedUnits
from collections_app.models.export import Export
from collections_app.models.preset import Preset

__all__ = ["Collection", "CollectionUnit", "Export", "PickedUnits", "Preset"]
