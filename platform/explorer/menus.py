"""The menus of the tool bar: embedding, order, view. Each entry is an address."""

from collections.abc import Iterable
from dataclasses import dataclass

from embeddings.choices import ReductionState
from embeddings.models import Reduction, VectorSet
from explorer.choices import View
from explorer.conjuncts import Tree, with_leaves
from explorer.controls import Control, ControlKind, Section
from explorer.ordering import SORTABLE
from explorer.state import ExplorerState
from folders.choices import KeyType
from folders.models import Folder, MetadataKey

_ENDED = (ReductionState.FAILED, ReductionState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a menu: the address it leads to, and whether it holds at present."""

    label: str
    query: str
    is_current: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Embedding:
    """An embedding key as the Explorer knows it.

    `map` is the finished map that is shown, `newest` the newest one, which `map` is unless the
    state names another; `run` is one that is being computed, `ended` the newest version where that
    failed or was cancelled.
    """

    key: MetadataKey
    has_vectors: bool
    map: Reduction | None
    run: Reduction | None = None
    newest: Reduction | None = None
    ended: Reduction | None = None


def embeddings_of(
    root: Folder, controls: Iterable[Control], state: ExplorerState
) -> list[Embedding]:
    """All embedding keys of the rail with what the root has of them; two queries."""
    keys = [c.key for c in controls if c.section == Section.EMBEDDINGS and c.key is not None]
    held = set(VectorSet.objects.filter(root=root).values_list("key", flat=True))
    # In ascending order the newest of each key comes last and stays.
    versions = list(
        Reduction.objects.filter(root=root).select_related("job", "root").order_by("version")
    )
    last = {one.key_id: one for one in versions}
    newest = {one.key_id: one for one in versions if one.is_ready}
    maps = newest | {one.key_id: one for one in versions if one.is_ready and is_named(state, one)}
    runs = {one.key_id: one for one in versions if one.is_active}
    ended = {key: one for key, one in last.items() if one.current_state in _ENDED}
    return [
        Embedding(
            key=key,
            has_vectors=key.pk in held,
            map=maps.get(key.pk),
            run=runs.get(key.pk),
            newest=newest.get(key.pk),
            ended=ended.get(key.pk),
        )
        for key in keys
    ]


def is_named(state: ExplorerState, reduction: Reduction) -> bool:
    """Whether the state names this version of a map."""
    return bool(state.map) and short_id(reduction) == state.map


def short_id(reduction: Reduction) -> str:
    """The map as addresses name it."""
    return str(reduction.pk)[:8]


def active_embedding(state: ExplorerState, embeddings: list[Embedding]) -> Embedding | None:
    """The chosen embedding, else that of the chosen map; else one with a map, else one with
    vectors, else the first.
    """
    if state.embedding:
        return next((one for one in embeddings if one.key.name == state.embedding), None)
    named = [one for one in embeddings if one.map and is_named(state, one.map)]
    ranked = named or sorted(
        embeddings, key=lambda one: (one.map is None, one.run is None, not one.has_vectors)
    )
    return ranked[0] if ranked else None


def embedding_entries(
    state: ExplorerState, embeddings: list[Embedding], active: Embedding | None
) -> list[Entry]:
    """*Select custom embeddings*."""
    return [
        Entry(
            label=one.key.name,
            query=state.changed(embedding=one.key.name, map="").query(),
            is_current=one is active,
            hint=_size(one.key) + (", map" if one.map else ""),
        )
        for one in embeddings
    ]


def order_entries(state: ExplorerState, controls: Iterable[Control]) -> list[Entry]:
    """Keys to sort by; a key starts with the direction that people mean."""
    keys = [("created_at", "Added", True), ("name", "Name", False)]
    for control in controls:
        if control.section == Section.METADATA and control.key and control.key.type in SORTABLE:
            falls = control.key.type in (KeyType.NUMBER, KeyType.DATETIME)
            keys.append((control.field, control.label, falls))
    present = state.order.removeprefix("-")
    return [
        Entry(
            label=label,
            query=state.changed(order=f"-{name}" if falls else name).query(),
            is_current=name == present,
        )
        for name, label, falls in keys
    ]


def direction_entries(state: ExplorerState) -> list[Entry]:
    """Ascending or descending under the present key."""
    name, falls = state.order.removeprefix("-"), state.order.startswith("-")
    rising, falling = {
        "created_at": ("Oldest first", "Newest first"),
        "name": ("A to Z", "Z to A"),
    }.get(name, ("Ascending", "Descending"))
    return [
        Entry(rising, state.changed(order=name).query(), not falls),
        Entry(falling, state.changed(order=f"-{name}").query(), falls),
    ]


def view_entries(state: ExplorerState) -> list[tuple[View, Entry]]:
    """Grid, Embeddings, split."""
    return [
        (view, Entry(view.label, state.changed(view=view).query(), view == state.view))
        for view in View
    ]


@dataclass(frozen=True, slots=True)
class HasEntry:
    """An embedding key in *Add filter*, with the addresses of True and False."""

    label: str
    true: str
    false: str


def has_entries(state: ExplorerState, controls: Iterable[Control]) -> list[HasEntry]:
    """*Add filter* → *Custom Embeddings*."""
    return [
        HasEntry(control.label, _having(state, control, True), _having(state, control, False))  # noqa: FBT003
        for control in controls
        if control.kind == ControlKind.HAS
    ]


def _having(state: ExplorerState, control: Control, wanted: bool) -> str:
    leaf: Tree = {"field": control.field, "op": "exists", "value": wanted}
    return state.changed(filter=with_leaves(state.filter, control.field, [leaf])).query()


def _size(key: MetadataKey) -> str:
    """The size of an embedding key; its first vector may still have to set it."""
    return f"{key.dimensions}-d" if key.dimensions else "no vectors yet"
