"""Filters and searches in words: “label is cat or dog”, “at most 0.4 from robin.png under clip”."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.actor import Actor
from collections_app.choices import Operation
from collections_app.models import Collection
from embeddings.models import Reduction
from folders.models import Folder, Unit

Tree = dict[str, Any]

# Of a longer list the number says enough.
_NAMED = 5
_COMPARISONS = {
    "eq": "is",
    "ne": "is not",
    "in": "is",
    "not_in": "is not",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
}
_SIDES = {"lt": "less than", "lte": "at most", "gt": "more than", "gte": "at least"}
_NEGATIVE = ("ne", "not_in")


@dataclass(frozen=True, slots=True)
class Names:
    """What ids in filters and searches are called; of what the actor does not see, they are not."""

    collections: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    maps: dict[str, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)


def names_of(
    actor: Actor, root: Folder, trees: Iterable[Tree | None], searches: Iterable[Tree]
) -> Names:
    """The names that filters and searches of a root folder take; at most four queries."""
    leaves = [leaf for tree in trees for leaf in _leaves(tree)]
    units = [one for search in searches for one in _examples(search)]
    units += [n for leaf in leaves if leaf["field"] == "distance" for n in _examples(leaf["value"])]
    collections = _values(leaves, "collection") + _values(leaves, "recipe")
    folders = _values(leaves, "folder")
    maps = [leaf["value"]["reduction"] for leaf in leaves if leaf["field"] == "map"]
    return Names(
        _collection_names(actor, root, collections) if collections else {},
        _folder_names(actor, root, folders) if folders else {},
        _map_names(root, maps) if maps else {},
        _unit_names(actor, root, units) if units else {},
    )


def filter_words(tree: Tree | None, names: Names) -> list[str]:
    """The conditions that must all hold, each in words."""
    if tree is None:
        return []
    parts = tree["all"] if set(tree) == {"all"} else [tree]
    return [_words(part, names) for part in parts]


def search_words(search: Tree, names: Names) -> str:
    """What a similarity search finds: its key, examples and threshold."""
    near = f"near {_example_words(search, names)} under {search['key']}"
    if search.get("max_distance") is None:
        return near
    return f"within distance {search['max_distance']:g} of {near.removeprefix('near ')}"


def operation_words(operation: str, collections: Sequence[str], names: Names) -> str:
    """For example “Waders without Gulls or Terns”."""
    called = [_collection(one, names) for one in collections]
    match operation:
        case Operation.COPY:
            return f"copied from {called[0]}"
        case Operation.DIFFERENCE:
            return f"in {called[0]} but not in {listed(called[1:])}"
        case Operation.INTERSECTION:
            return f"in {listed(called, 'and')} at once" if len(called) > 1 else f"in {called[0]}"
        case _:
            return f"from the union of {listed(called, 'and')}"


def listed(words: Sequence[str], last: str = "or") -> str:
    """“a, b or c”, or “a, b, c, d, e or 12 more”."""
    shown = list(words[:_NAMED])
    if len(words) > _NAMED:
        shown.append(f"{len(words) - _NAMED:,} more")
    head, tail = shown[:-1], shown[-1]
    return f"{', '.join(head)} {last} {tail}" if head else tail


def _words(tree: Tree, names: Names) -> str:
    if "field" in tree:
        return _leaf_words(tree, names)
    if "not" in tree:
        return f"not ({_words(tree['not'], names)})"
    word, parts = ("and", tree["all"]) if "all" in tree else ("or", tree["any"])
    if not parts:
        return "every unit" if word == "and" else "no unit"
    inner = f" {word} ".join(_words(part, names) for part in parts)
    return inner if len(parts) == 1 else f"({inner})"


def _leaf_words(leaf: Tree, names: Names) -> str:
    prefix, _, key = leaf["field"].partition(".")
    op, value = leaf["op"], leaf["value"]
    many = value if isinstance(value, list) else [value]
    not_ = "not " if op in _NEGATIVE else ""
    match prefix:
        case "embedding":
            kind = "vector of zeros" if op == "zero" else "vector"
            return f"has {'a' if value else 'no'} {key} {kind}"
        case "collection":
            return f"{not_}in {listed([_collection(one, names) for one in many])}"
        case "recipe":
            return f"{not_}made by the recipe of {listed([_collection(o, names) for o in many])}"
        case "folder":
            folders = [names.folders.get(one, "a folder that is gone") for one in many]
            return f"{not_}in folder {listed(folders)}"
        case "unit":
            # Ids of units tell nobody anything; how many they are does.
            return f"{not_}among {len(many):,} selected"
        case "map":
            shape = "a region" if "polygon" in value else "a rectangle"
            called = names.maps.get(value["reduction"], "a map version that was discarded")
            return f"in {shape} of {called}"
        case "distance":
            near = f"{_example_words(value, names)} under {value['key']}"
            if value["threshold"] is None:
                return f"has a distance from {near}"
            return f"{_SIDES[op]} {value['threshold']:g} from {near}"
    return f"{key or prefix.replace('_', ' ')} {_comparison(op, value)}"


def _comparison(op: str, value: Any) -> str:
    if op == "exists":
        return "has a value" if value else "has no value"
    if op == "between":
        return f"is from {_plain(value[0])} to {_plain(value[1])}"
    if op == "contains":
        return f"contains “{value}”"
    many = value if isinstance(value, list) else [value]
    return f"{_COMPARISONS.get(op, op)} {listed([_plain(one) for one in many])}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _example_words(search: Tree, names: Names) -> str:
    """“robin.png and wren.png, unlike gull.png”."""
    plus, minus = _plus(search), list(search.get("minus") or [])
    like = [names.units.get(unit, "a unit that is gone") for unit in plus]
    if search.get("vector"):
        like.append("a given vector")
    unlike = [names.units.get(unit, "a unit that is gone") for unit in minus]
    words = listed(like, "and") if like else "nothing"
    return f"{words}, unlike {listed(unlike, 'and')}," if unlike else words


def _plus(search: Tree) -> list[int]:
    first = search.get("unit")
    return ([first] if first is not None else []) + list(search.get("plus") or [])


def _examples(search: Tree) -> list[int]:
    return _plus(search) + list(search.get("minus") or [])


def _leaves(tree: Tree | None) -> list[Tree]:
    if tree is None:
        return []
    if "field" in tree:
        return [tree]
    parts = [tree["not"]] if "not" in tree else tree.get("all") or tree.get("any") or []
    return [leaf for part in parts for leaf in _leaves(part)]


def _values(leaves: list[Tree], name: str) -> list[str]:
    found = [leaf["value"] for leaf in leaves if leaf["field"] == name]
    return [one for value in found for one in (value if isinstance(value, list) else [value])]


def _collection(pk: str, names: Names) -> str:
    return names.collections.get(pk, "a collection that is gone")


def _collection_names(actor: Actor, root: Folder, ids: list[str]) -> dict[str, str]:
    seen = Collection.objects.visible_to(actor).filter(root=root, pk__in=ids)
    return {str(pk): name for pk, name in seen.values_list("pk", "name")}


def _folder_names(actor: Actor, root: Folder, ids: list[str]) -> dict[str, str]:
    seen = Folder.objects.visible_to(actor).filter(root=root, pk__in=ids)
    return {str(pk): name for pk, name in seen.values_list("pk", "name")}


def _map_names(root: Folder, ids: list[str]) -> dict[str, str]:
    found = Reduction.objects.filter(root=root, key__deleted_at=None, pk__in=ids).ready()
    rows = found.values_list("pk", "version", "key__name")
    return {str(pk): f"version {version} of the {key} map" for pk, version, key in rows}


def _unit_names(actor: Actor, root: Folder, ids: list[int]) -> dict[int, str]:
    seen = Unit.objects.visible_to(actor).filter(root=root, pk__in=ids)
    rows = seen.values_list("pk", "item__name", "frame")
    return {pk: name if frame is None else f"{name}, frame {frame}" for pk, name, frame in rows}
