"""The field `map` of the filter grammar: units whose points lie in a region of a map.

    {"field": "map", "op": "within", "value": {"reduction": "<id>", "rectangle": [x0, y0, x1, y1]}}
    {"field": "map", "op": "within", "value": {"reduction": "<id>", "polygon": [[x, y], …]}}

The region goes with one version of a map: later versions do not change what it means.
"""

from typing import Any
from uuid import UUID

from django.db.models import Q

from embeddings.maps.geometry import RegionError, parse_region
from embeddings.maps.regions import points_inside
from embeddings.models import Reduction, ReductionPoint
from folders.filters import FieldType, FilterContext, Leaf
from folders.filters.values import wrong

_EXPECTED = "the id of a map, and a rectangle or a polygon"


class MapField(FieldType):
    """Units on a map."""

    def __init__(self) -> None:
        super().__init__({"within": _read_value})

    def compile(self, leaf: Leaf, context: FilterContext, path: str) -> Q:
        """Units whose points lie in the region.

        Raises:
            InvalidInput: the root folder has no such finished map.
        """
        maps = Reduction.objects.filter(root=context.root, key__deleted_at=None).ready()
        reduction = maps.filter(pk=leaf.value["reduction"]).first()
        if reduction is None:
            message = "There is no such map in this folder."
            raise wrong(f"{path}.value.reduction", message, found=leaf.value["reduction"])
        points = ReductionPoint.objects.filter(reduction=reduction)
        return Q(pk__in=points_inside(points, parse_region(leaf.value)).values("unit"))


def _read_value(value: Any, path: str) -> dict[str, Any]:
    """The value in its one form: id in lower case, corners in order, numbers as floats."""
    if not isinstance(value, dict):
        raise wrong(path, "A region is an object.", expected=_EXPECTED, found=value)
    unknown = value.keys() - {"reduction", "rectangle", "polygon"}
    if unknown:
        raise wrong(path, "A region has no such part.", expected=_EXPECTED, found=min(unknown))
    try:
        reduction = UUID(str(value.get("reduction")))
    except ValueError:
        message = "Name the map by its id."
        raise wrong(f"{path}.reduction", message, found=value.get("reduction")) from None
    try:
        region = parse_region({name: value[name] for name in value if name != "reduction"})
    except RegionError as error:
        at = f"{path}.{error.part}" if error.part else path
        raise wrong(at, str(error), expected=_EXPECTED) from error
    return {"reduction": str(reduction), **region.to_json()}
