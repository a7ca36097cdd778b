"""Seams for the apps above: they register here in AppConfig.ready, the services here call.

    on_key_created(key)                      a key of the schema was made
    on_key_deleted(key)                      a key became a tombstone
    on_key_restored(key)                     a tombstone became a live key again
    on_key_erased(key)                       a key became a tombstone for ever
    before_units_removed(unit_ids, root_id)  units of one root are about to be deleted
    units_in_use(unit_ids)                   which of the units hold something that must not be lost
    on_units_moved(unit_ids, old, new)       units went from one root folder (id) to another
    before_root_absorbed(root)               a root folder is about to go below another one
    vector_sink(...)                         vectors arrived under an embedding key
    vector_remover(...)                      vectors were set to null
    vector_source(...)                       vectors are to be read back
    derived_vectors(unit_ids)                which of them nobody sent, and how they were made
    vectors_held(unit_id)                    the vectors of a whole and of its frames, in words
    vector_holders(...)                      which units have a vector, and how many of a key do

All run in the transaction of the write, so that it fails as a whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, ParamSpec, Protocol, TypeVar
from uuid import UUID

from folders.metadata.values import VectorValues
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet

MEMBERS_LEFT = "members"
"""Effect of a move: memberships in collections of the old root that ended."""

POINTS_LEFT = "points"
"""Effect of a move: points that were taken off maps of the old root."""

P = ParamSpec("P")
F = TypeVar("F")


class Hook(Generic[P]):
    """Any number of functions, called in the order of their registration."""

    def __init__(self) -> None:
        self._functions: list[Callable[P, None]] = []

    def register(self, function: Callable[P, None]) -> Callable[P, None]:
        """Add the function, once; usable as a decorator."""
        if function not in self._functions:
            self._functions.append(function)
        return function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for function in self._functions:
            function(*args, **kwargs)


class Selection:
    """Any number of functions that each pick some of the units; together they pick the union."""

    def __init__(self) -> None:
        self._functions: list[Callable[[list[int]], Iterable[int]]] = []

    def register(
        self, function: Callable[[list[int]], Iterable[int]]
    ) -> Callable[[list[int]], Iterable[int]]:
        """Add the function, once; usable as a decorator."""
        if function not in self._functions:
            self._functions.append(function)
        return function

    def __call__(self, unit_ids: list[int]) -> set[int]:
        return {unit_id for function in self._functions for unit_id in function(unit_ids)}


class Slot(Generic[F]):
    """At most one function."""

    def __init__(self) -> None:
        self.function: F | None = None

    def register(self, function: F) -> F:
        """Set the function; usable as a decorator."""
        self.function = function
        return function


@dataclass(frozen=True, slots=True)
class Content:
    """Things of one sort in a folder and below it.

    Attributes:
        noun: of one of them, as "vector"; in the form "index,indexes" where an s does not do.
        count: how many, or how many were counted before the counting stopped.
        more: there are more of them.
        kept: they outlive the folder, without what it holds of them.
    """

    noun: str
    count: int
    more: bool = False
    kept: bool = False


class Contents:
    """What the apps above keep of a folder."""

    def __init__(self) -> None:
        self._functions: list[Callable[[Folder], list[Content]]] = []

    def register(
        self, function: Callable[[Folder], list[Content]]
    ) -> Callable[[Folder], list[Content]]:
        """Add the function, once; usable as a decorator."""
        if function not in self._functions:
            self._functions.append(function)
        return function

    def __call__(self, folder: Folder) -> list[Content]:
        return [content for function in self._functions for content in function(folder)]


class UnitContents:
    """What the apps above keep of some units of a folder."""

    def __init__(self) -> None:
        self._functions: list[Callable[[UnitQuerySet, Folder], list[Content]]] = []

    def register(
        self, function: Callable[[UnitQuerySet, Folder], list[Content]]
    ) -> Callable[[UnitQuerySet, Folder], list[Content]]:
        """Add the function, once; usable as a decorator."""
        if function not in self._functions:
            self._functions.append(function)
        return function

    def __call__(self, units: UnitQuerySet, folder: Folder) -> list[Content]:
        return [content for function in self._functions for content in function(units, folder)]


class VectorSink(Protocol):
    """Writes vectors of one key."""

    def __call__(
        self,
        *,
        key: MetadataKey,
        unit_ids: list[int],
        values: Sequence[VectorValues],
        paths: list[str],
    ) -> None:
        """Insert or replace the vector of each unit.

        Args:
            key: a live key of type embedding.
            unit_ids: each unit at most once; they may lie in several root folders.
            values: finite numbers; one list or array for each unit.
            paths: where each list stood in the input, for errors.

        Raises:
            InvalidInput: with one FieldError per wrong list, under its path.
        """


class VectorRemover(Protocol):
    """Removes vectors of one key."""

    def __call__(self, *, key: MetadataKey, unit_ids: list[int]) -> None:
        """Remove the vector of each unit that has one."""


class VectorSource(Protocol):
    """Reads vectors."""

    def __call__(self, *, unit_ids: list[int]) -> dict[int, dict[str, list[float]]]:
        """Of each unit that has vectors under live keys: the values by key name."""


class VectorHolders(Protocol):
    """Knows which units have a vector."""

    def among(self, *, key: MetadataKey, unit_ids: list[int]) -> set[int]:
        """Those of the units that have a vector of the key."""

    def count(self, *, key: MetadataKey, units: UnitQuerySet | None = None) -> int:
        """How many units, or of these units, have a vector of the key."""


class DerivedVectors(Protocol):
    """Tells which vectors were computed from others."""

    def __call__(self, unit_ids: list[int]) -> dict[int, dict[str, str]]:
        """How those that nobody sent were made ("mean of 37 frames"), by unit and key name."""


class VectorsHeld(Protocol):
    """Tells what a video, sequence or group has."""

    def __call__(self, unit_id: int) -> dict[str, str]:
        """A sentence by key name, of keys under which it or one of its frames has a vector."""


on_key_created: Hook[[MetadataKey]] = Hook()
on_key_deleted: Hook[[MetadataKey]] = Hook()
on_key_restored: Hook[[MetadataKey]] = Hook()
on_key_erased: Hook[[MetadataKey]] = Hook()
before_units_removed: Hook[[list[int], UUID]] = Hook()
units_in_use = Selection()
on_units_moved: Hook[[list[int], UUID, UUID, Counter[str]]] = Hook()
on_root_absorbed: Hook[[Folder, Folder]] = Hook()
before_folders_removed: Hook[[list[UUID]]] = Hook()
folder_contents = Contents()
unit_contents = UnitContents()
vector_sink: Slot[VectorSink] = Slot()
vector_remover: Slot[VectorRemover] = Slot()
vector_source: Slot[VectorSource] = Slot()
derived_vectors: Slot[DerivedVectors] = Slot()
vectors_held: Slot[VectorsHeld] = Slot()
vector_holders: Slot[VectorHolders] = Slot()
