"""Presets as Encord writes them, and the filters that they mean here.

    {"local_filters": {"<folder>": {"filters": […]}}, "global_filters": {"filters": […]}}

A filter is an object of its `type`. Known are `metric`, Encord's range of a measure, and `kindred`,
in which presets of our pages are written, so that they can be read, copied and applied by the SDK:

    {"type": "metric", "metric": "metric_width", "domain": "data", "include": true,
     "values": [least, most]}
    {"type": "kindred", "filter": a tree of the filter grammar}

Anything else is kept and given back unchanged, and cannot be applied.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from collections_app.models import Preset
from core.errors import FieldError, InvalidInput
from folders import filters
from folders.choices import UnitKind
from folders.filters.values import number

Tree = dict[str, Any]

NOWHERE = str(UUID(int=0))
_METRICS = {
    "metric_width": "width",
    "metric_height": "height",
    "metric_area": "area",
    "metric_aspect_ratio": "aspect_ratio",
    "metric_file_size": "size",
}
# Measures of an item say nothing of its frames one by one.
_WHOLES: Tree = {"field": "kind", "op": "ne", "value": str(UnitKind.FRAME)}


def definition_of(preset: Preset) -> dict[str, Any]:
    """The preset as Encord writes it."""
    if preset.root_id is None:
        return _kept(preset)
    written = {"type": "kindred", "filter": preset.filter}
    return {
        "local_filters": {str(preset.root_id): {"filters": [written]}},
        "global_filters": {"filters": []},
    }


def tree_of(preset: Preset, root_id: UUID) -> Tree:
    """The filter that a preset means in a root folder.

    Raises:
        InvalidInput: it is of another root folder, or holds filters that are not known here.
    """
    if preset.root_id is None:
        return compile_definition(_kept(preset), root_id)
    if preset.root_id != root_id:
        raise InvalidInput("This preset belongs to another top-level folder.", code="preset")
    tree: Tree = preset.filter or {"all": []}
    return tree


def compile_definition(definition: dict[str, Any], root_id: UUID) -> Tree:
    """The tree of the filter grammar that a definition means in a root folder.

    Raises:
        InvalidInput: naming all filters that are not known here.
    """
    parts: list[Tree] = []
    errors: list[FieldError] = []
    for path, given in _filters(definition, root_id, errors):
        try:
            parts.append(_tree(given, path))
        except InvalidInput as error:
            errors += error.errors
    if errors:
        message = "This preset holds filters that cannot be applied here."
        raise InvalidInput(message, code="preset", errors=errors)
    return {"all": parts}


def checked_definition(given: Any) -> dict[str, Any]:
    """A definition of the right shape; what its filters say is not looked at.

    Raises:
        InvalidInput: it has another shape.
    """
    if not isinstance(given, dict):
        raise _wrong("filterPresetJson", "A preset is one JSON object.")
    local = given.get("local_filters", {})
    if not isinstance(local, dict):
        raise _wrong("local_filters", "These are filters by the ids of folders.")
    lists = {f"local_filters.{name[:80]}": value for name, value in local.items()}
    lists["global_filters"] = given.get("global_filters", {"filters": []})
    for path, value in lists.items():
        listed = value.get("filters") if isinstance(value, dict) else None
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise _wrong(f"{path}.filters", "This is no list of filters.")
    return given


def _kept(preset: Preset) -> dict[str, Any]:
    definition: dict[str, Any] = preset.definition or {}
    return definition


def _filters(
    definition: dict[str, Any], root_id: UUID, errors: list[FieldError]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """All filters with their places; those of other folders are errors."""
    everywhere = definition.get("global_filters", {}).get("filters", [])
    yield from ((f"global_filters.{place}", one) for place, one in enumerate(everywhere))
    for folder, value in definition.get("local_filters", {}).items():
        path = f"local_filters.{folder[:80]}"
        if value["filters"] and folder.lower() not in (NOWHERE, str(root_id)):
            errors.append(FieldError(path, "These are filters of another folder.", "folder"))
            continue
        yield from ((f"{path}.{place}", one) for place, one in enumerate(value["filters"]))


def _tree(given: dict[str, Any], path: str) -> Tree:
    match given.get("type"):
        case "metric":
            return _metric(given, path)
        case "kindred":
            try:
                return filters.parse(given.get("filter")).to_json()
            except InvalidInput as error:
                raise _wrong(path, error.message) from error
        case other:
            raise _wrong(path, f"Filters of the type “{str(other)[:80]}” are not known here.")


def _metric(given: dict[str, Any], path: str) -> Tree:
    field = _METRICS.get(str(given.get("metric")))
    if field is None:
        name = str(given.get("metric"))[:80]
        expected = ", ".join(_METRICS)
        raise _wrong(f"{path}.metric", f"The metric “{name}” is not known here.", expected)
    if given.get("domain", "data") != "data":
        raise _wrong(f"{path}.domain", "Only metrics of data are known here.", "data")
    ends = given.get("values")
    if not isinstance(ends, list) or len(ends) != 2:
        raise _wrong(f"{path}.values", "These are no two ends of a range.", "[least, most]")
    conditions: list[Tree] = [{"field": field, "op": "exists", "value": True}]
    for op, end, place in zip(("gte", "lte"), ends, (0, 1), strict=True):
        if end is not None:
            value = number(end, f"{path}.values.{place}")
            conditions.append({"field": field, "op": op, "value": value})
    within: Tree = {"all": conditions}
    include = given.get("include", True)
    if not isinstance(include, bool):
        raise _wrong(f"{path}.include", "This is not true or false.", "true or false")
    return {"all": [_WHOLES, within if include else {"not": within}]}


def _wrong(path: str, message: str, expected: str = "") -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(path, message, "preset", expected)])
