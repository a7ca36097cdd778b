"""The two sides of a comparison, and how an address names them.

    collection:<id>   preset:<id>   filter:<encoded>   rest   all

`rest` is everything that the other side leaves. Each side is a tree of the filter grammar, so that
counts, masks of a map and links to the Explorer are those of filters.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from collections_app.matching import filtered_units
from collections_app.models import Collection, Preset
from core.errors import FieldError, InvalidInput, NotFound
from folders import filters
from folders.models import Folder
from folders.querysets import UnitQuerySet

REST = "rest"
ALL = "all"
# What a person has chosen between when there are very many; the others are found by their pages.
MAX_OFFERED = 200

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """A set of units: as addresses name it, in words, and as a filter (None is every unit)."""

    ref: str
    label: str
    kind: str
    tree: Tree | None

    def encoded(self) -> str:
        """The filter as addresses carry it; empty when every unit is in the set."""
        return filters.encode(filters.parse(self.tree)) if self.tree is not None else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of units of one root folder, each cut by what the actor sees."""

    actor: Actor
    root: Folder
    a: Side
    b: Side

    def units(self, side: Side) -> UnitQuerySet:
        """The units of a side."""
        return filtered_units(actor=self.actor, root=self.root, tree=side.tree)

    def only(self, side: Side) -> UnitQuerySet:
        """The units of a side that are not in the other."""
        other = self.b if side is self.a else self.a
        return filtered_units(
            actor=self.actor, root=self.root, tree=both(side.tree, {"not": whole(other.tree)})
        )


def compare(*, actor: Actor, root: Folder, a: str, b: str) -> Comparison:
    """The comparison that an address names.

    Args:
        actor: who compares.
        root: a root folder that he sees some part of.
        a, b: references to sets.

    Raises:
        InvalidInput: a reference is malformed, or both are `rest`.
        NotFound: a collection or preset is not there for the actor, or is another root's.
    """
    if a == b == REST:
        raise _wrong("b", "One side must be a set, for the other to be its rest.", b)
    first = None if a == REST else _side(actor, root, a, "a")
    second = _rest_of(first) if first and b == REST else _side(actor, root, b, "b")
    return Comparison(actor, root, first or _rest_of(second), second)


def named_side(actor: Actor, root: Folder, ref: str) -> Side:
    """One set by itself, as an address names it; `rest` is none by itself.

    Raises:
        InvalidInput, NotFound: see compare.
    """
    return _side(actor, root, ref, "set")


def offered_sides(actor: Actor, root: Folder) -> list[Side]:
    """The collections and presets of the root that may be a side."""
    found = Collection.objects.visible_to(actor).filter(root=root).order_by("name", "pk")
    saved = Preset.objects.visible_to(actor).filter(root=root).order_by("name", "pk")
    return [
        *(_of_collection(one) for one in found[:MAX_OFFERED]),
        *(_of_preset(one) for one in saved[:MAX_OFFERED]),
    ]


def whole(tree: Tree | None) -> Tree:
    """The tree, or one that every unit matches."""
    return tree if tree is not None else {"all": []}


def both(*trees: Tree | None) -> Tree:
    """What matches all of the trees."""
    return {"all": [tree for tree in trees if tree is not None]}


def _side(actor: Actor, root: Folder, ref: str, path: str) -> Side:
    kind, _, name = ref.partition(":")
    match kind:
        case "collection":
            found = Collection.objects.visible_to(actor).filter(root=root)
            return _of_collection(_get(found, name, path, "collection"))
        case "preset":
            saved = Preset.objects.visible_to(actor).filter(root=root)
            return _of_preset(_get(saved, name, path, "preset"))
        case "filter":
            return Side(ref, "What a filter finds", "Filter", filters.decode(name).to_json())
        case "all" if not name:
            return Side(ALL, "All units", "Folder", None)
    expected = "collection:<id>, preset:<id>, filter:<encoded>, all or rest"
    raise _wrong(path, f"“{ref}” names no set of units.", ref, expected)


def _get(found: Any, name: str, path: str, noun: str) -> Any:
    try:
        wanted = UUID(name)
    except ValueError:
        raise _wrong(path, f"“{name}” is not the id of a {noun}.", name, "a UUID") from None
    one = found.filter(pk=wanted).first()
    if one is None:
        raise NotFound(f"There is no such {noun} in this folder, or you have no access to it.")
    return one


def _of_collection(found: Collection) -> Side:
    leaf = {"field": "collection", "op": "in", "value": [str(found.pk)]}
    return Side(f"collection:{found.pk}", found.name, "Collection", leaf)


def _of_preset(found: Preset) -> Side:
    return Side(f"preset:{found.pk}", found.name, "Preset", found.filter)


def _rest_of(other: Side) -> Side:
    return Side(REST, f"Not in {other.label}", "Rest", {"not": whole(other.tree)})


def _wrong(path: str, message: str, found: str, expected: str = "") -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(path, message, "invalid", expected, found)])
