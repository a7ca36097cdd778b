"""Models of the embeddings app."""

from embeddings.models.derived_vector import DerivedVector
from embeddings.models.folder_upgrade import UpgradeKey
from embeddings.models.map_part import MapPart, MapSeen
from embeddings.models.map_selection import MapSelection
from embeddings.models.reduction import Reduction, ReductionPoint
from embeddings.models.vector import Vector
from embeddings.models.vector_index import VectorIndex
from embeddings.models.vector_set import VectorChange, VectorSet

__all__ = [
    "DerivedVector",
    "MapPart",
    "MapSeen",
    "MapSelection",
    "Reduction",
    "ReductionPoint",
    "UpgradeKey",
    "Vector",
    "VectorChange",
    "VectorIndex",
    "VectorSet",
]
