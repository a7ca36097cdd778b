"""Units named by description: a filter, and a similarity search with its threshold."""

from dataclasses import asdict, dataclass
from typing import Any

from accounts.actor import Actor
from core.errors import InvalidInput
from embeddings.models import Vector
from embeddings.search import Blend, Example, UnitExample, VectorExample
from embeddings.search.within import units_within
from embeddings.vector_text import VectorTextError, decode_vector
from folders import filters
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from folders.querysets import UnitQuerySet


@dataclass(frozen=True, slots=True)
class Search:
    """A similarity search under the embedding key named `key`.

    Its examples are `unit`, `vector` (letters of embeddings.vector_text) and the units of `plus`,
    all of which hits shall be like, and those of `minus`, which they shall be unlike.
    """

    key: str
    unit: int | None = None
    max_distance: float | None = None
    plus: tuple[int, ...] = ()
    minus: tuple[int, ...] = ()
    vector: str = ""

    def example(self) -> Example:
        """What is searched near.

        Raises:
            InvalidInput: the vector cannot be read.
        """
        units = ((self.unit,) if self.unit is not None else ()) + self.plus
        plus: list[UnitExample | VectorExample] = [UnitExample(unit) for unit in units]
        if self.vector:
            try:
                plus.append(VectorExample(decode_vector(self.vector)))
            except VectorTextError as error:
                message = f"The vector cannot be read. {error}"
                raise InvalidInput(message, code="unreadable_vector") from error
        return Blend(tuple(plus), tuple(UnitExample(unit) for unit in self.minus))

    def leaf(self) -> dict[str, Any]:
        """The condition of the filter grammar that the same units meet."""
        first = [] if self.unit is None else [self.unit]
        value = {
            "key": self.key,
            "plus": [*first, *self.plus],
            "minus": list(self.minus),
            "vector": self.vector,
            "threshold": self.max_distance,
        }
        return {"field": "distance", "op": "lte", "value": value}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Search":
        """The search that jobs and recipes have stored; JSON knows no tuples."""
        units = {name: tuple(stored.get(name) or ()) for name in ("plus", "minus")}
        return cls(**{**stored, **units})


@dataclass(frozen=True, slots=True)
class Matching:
    """What the Explorer shows in one state, without its order: all units that match.

    `operation` is that of collections_app.sets which the filter stands for, if it does.
    """

    filter: dict[str, Any] | None = None
    search: Search | None = None
    operation: str = ""

    def to_json(self) -> dict[str, Any]:
        """As jobs and recipes store it."""
        stored: dict[str, Any] = {"filter": self.filter}
        if self.search is not None:
            stored["search"] = asdict(self.search)
        if self.operation:
            stored["operation"] = self.operation
        return stored

    def tree(self) -> dict[str, Any]:
        """The tree of the filter grammar that the same units match; the search is its last part.

        Raises:
            InvalidInput: the filter or the search is wrong.
        """
        filtered = filters.parse(self.filter or {"all": []}).to_json()
        parts = filtered["all"] if set(filtered) == {"all"} else [filtered]
        searched = [] if self.search is None else [self.search.leaf()]
        return filters.parse({"all": [*parts, *searched]}).to_json()

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Matching":
        """The description that `to_json` stored."""
        search = stored.get("search")
        return cls(
            filter=stored.get("filter"),
            search=Search.from_json(search) if search else None,
            operation=stored.get("operation", ""),
        )

    def units(self, *, actor: Actor, root: Folder) -> UnitQuerySet:
        """The units of the root that match and that the actor sees."""
        found = filtered_units(actor=actor, root=root, tree=self.filter)
        if self.search is None:
            return found
        key = embedding_key(actor, self.search.key)
        if self.search.max_distance is None:
            return found.filter(pk__in=comparable(key, root))
        filtered = found if self.filter else None
        return found.filter(pk__in=_within(actor, root, key, self.search, filtered))


def filtered_units(*, actor: Actor, root: Folder, tree: dict[str, Any] | None) -> UnitQuerySet:
    """The root's units that the actor sees and that match the tree; None matches all."""
    if tree is None:
        return Unit.objects.visible_to(actor).filter(root=root)
    return filters.units(actor, root, filters.parse(tree))


def embedding_key(actor: Actor, name: str) -> MetadataKey:
    """The live embedding key of that name.

    Raises:
        InvalidInput: the schema has none.
    """
    key = MetadataKey.objects.visible_to(actor).live().embeddings().filter(name=name).first()
    if key is None:
        raise InvalidInput(f"There is no embedding key “{name}”.", code="unknown_embedding")
    return key


def comparable(key: MetadataKey, root: Folder) -> Any:
    """Ids (a subquery) of the root's units whose vector has a distance to others.

    A zero vector has no direction, and so no cosine distance.
    """
    vectors = Vector.objects.filter(key=key, root=root)
    if key.metric == Metric.COSINE:
        vectors = vectors.filter(norm__gt=0)
    return vectors.values("unit")


def _within(
    actor: Actor, root: Folder, key: MetadataKey, asked: Search, units: UnitQuerySet | None
) -> list[int]:
    assert asked.max_distance is not None  # noqa: S101  (the caller looked)
    ids = units_within(
        actor=actor,
        root=root,
        key=key,
        query=asked.example(),
        max_distance=asked.max_distance,
        units=units,
    )
    return [int(unit) for unit in ids]
