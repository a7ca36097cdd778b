"""The field `map` of the filter grammar: units whose points lie in a region of a map.

    {"field": "map", "op": "within", "value": {"reduction": "<id>", "rectangle": [x0, y0, x1, y1]}}
    {"field": "map", "op": "within", "value": {"reduction": "<id>", "polygon": [[x, y], …]}}
    {"field": "map", "op": "within", "value": {"selection": "<id>"}}

The region goes with one version of a map: later versions do not change what it means. A selection
is what a region held while its map was forming (embeddings.services.map_selections).
"""

from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, Func, Q

from embeddings.maps.geometry import RegionError, parse_region
from embeddings.maps.regions import points_inside
from embeddings.models import MapSelection, Reduction, ReductionPoint
from folders.filters import FieldType, FilterContext, Leaf
from folders.filters.values import wrong

_EXPECTED = "the id of a map, and a rectangle or a polygon; or the id of a selection"


class MapField(FieldType):
    """Units on a map."""

    def __init__(self) -> None:
        super().__init__({"within": _read_value})

    def compile(self, leaf: Leaf, context: FilterContext, path: str) -> Q:
        """Units whose points lie in the region, or lay in it when it was drawn.

        Raises:
            InvalidInput: the root folder has no such finished map, or no such selection.
        """
        if "selection" in leaf.value:
            return _kept(leaf.value["selection"], context, path)
        maps = Reduction.objects.filter(root=context.root, key__deleted_at=None).ready()
        reduction = maps.filter(pk=leaf.value["reduction"]).first()
        if reduction is None:
            message = "There is no such map in this folder."
            raise wrong(f"{path}.value.reduction", message, found=leaf.value["reduction"])
        points = ReductionPoint.objects.filter(reduction=reduction)
        return Q(pk__in=points_inside(points, parse_region(leaf.value)).values("unit"))


class _Unnest(Func):
    """One row for each entry of an array."""

    function = "unnest"
    set_returning = True
    output_field = BigIntegerField()


def _kept(selection: str, context: FilterContext, path: str) -> Q:
    found = MapSelection.objects.filter(pk=selection, root=context.root)
    if not found.exists():
        message = "There is no such map selection in this folder."
        raise wrong(f"{path}.value.selection", message, found=selection)
    return Q(pk__in=found.annotate(kept=_Unnest(F("unit_ids"))).values("kept"))


def _read_value(value: Any, path: str) -> dict[str, Any]:
    """The value in its one form: id in lower case, corners in order, numbers as floats."""
    if not isinstance(value, dict):
        raise wrong(path, "A region is an object.", expected=_EXPECTED, found=value)
    if value.keys() == {"selection"}:
        return {"selection": _read_id(value, "selection", path)}
    unknown = value.keys() - {"reduction", "rectangle", "polygon"}
    if unknown:
        raise wrong(path, "A region has no such part.", expected=_EXPECTED, found=min(unknown))
    reduction = _read_id(value, "reduction", path)
    try:
        region = parse_region({name: value[name] for name in value if name != "reduction"})
    except RegionError as error:
        at = f"{path}.{error.part}" if error.part else path
        raise wrong(at, str(error), expected=_EXPECTED) from error
    return {"reduction": reduction, **region.to_json()}


def _read_id(value: dict[str, Any], name: str, path: str) -> str:
    try:
        return str(UUID(str(value.get(name))))
    except ValueError:
        message = f"Name the {'map' if name == 'reduction' else 'selection'} by its id."
        raise wrong(f"{path}.{name}", message, found=value.get(name)) from None
