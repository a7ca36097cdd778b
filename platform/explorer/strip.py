"""The strip of a similarity search: its examples, the distances of all that was searched."""

from dataclasses import dataclass

from accounts.actor import Actor
from collections_app.matching import embedding_key, filtered_units
from core.errors import InvalidInput, NotFound
from embeddings.search import SearchPage, distance_summary
from explorer.bars import WIDTH, Bar, bars_of
from explorer.query import Row
from explorer.state import ExplorerState
from explorer.tiles import Tile, tiles_of
from folders.choices import Metric
from folders.models import Folder, Unit


@dataclass(frozen=True, slots=True)
class Shown:
    """An example of the search, with the state that is without it; a vector has no tile."""

    tile: Tile | None
    minus: bool
    without: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A natural gap among the distances: its place in the drawing, the cut in its middle."""

    x: float
    distance: float
    units: int
    query: str


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip shows; `count` units lie within `threshold`, which is `high` at first."""

    examples: tuple[Shown, ...]
    metric: str
    low: float
    high: float
    threshold: float
    count: int
    searched: int
    milliseconds: str
    bars: tuple[Bar, ...]
    cuts: tuple[Cut, ...]

    @property
    def share(self) -> float:
        """Of the units that were searched, how many percent lie within the threshold."""
        return 100 * self.count / self.searched if self.searched else 0.0


def search_strip(
    *, actor: Actor, root: Folder, state: ExplorerState, page: SearchPage | None = None
) -> Strip:
    """The strip of the state's search; of its first page, when that came with its histogram.

    Raises:
        NotFound, InvalidInput: the search cannot be carried out, as `embeddings.search` says.
    """
    asked = state.search
    if asked is None:
        raise InvalidInput("There is no search in this state.")
    key = embedding_key(actor, asked.key)
    found = page.distances if page else None
    if found is None:
        found = distance_summary(
            actor=actor,
            root=root,
            key=key,
            query=asked.example(),
            units=filtered_units(actor=actor, root=root, tree=state.filter),
            threshold=asked.max_distance,
        )
    low, high = found.minimum or 0.0, found.maximum or 0.0
    threshold = high if asked.max_distance is None else asked.max_distance
    span = high - low
    cuts = [
        Cut(
            x=round(WIDTH * ((gap.low + gap.high) / 2 - low) / span, 2),
            distance=(gap.low + gap.high) / 2,
            units=gap.below,
            query=state.changed(distance=(gap.low + gap.high) / 2).query(),
        )
        for gap in found.gaps
        if span > 0
    ]
    return Strip(
        examples=_examples(actor, state),
        metric=Metric(key.metric).label.lower(),
        low=low,
        high=high,
        threshold=threshold,
        count=found.within,
        searched=found.searched,
        milliseconds=f"{(page or found).milliseconds:.0f}",
        bars=bars_of(found.edges, found.counts, low=None, high=asked.max_distance, height=32),
        cuts=tuple(cuts),
    )


def _examples(actor: Actor, state: ExplorerState) -> tuple[Shown, ...]:
    """Plus first, as they came; the first one of all cannot be taken away alone."""
    first = [] if state.similar is None else [state.similar]
    tiles = _tiles(actor, [*first, *state.plus, *state.minus])
    shown = [Shown(tiles[unit], minus=False, without=_without_first(state)) for unit in first]
    if state.vector:
        shown.append(Shown(None, minus=False, without=_without(state, vector="")))
    for name, minus in (("plus", False), ("minus", True)):
        units: tuple[int, ...] = getattr(state, name)
        for unit in units:
            rest = tuple(one for one in units if one != unit)
            shown.append(Shown(tiles[unit], minus=minus, without=_without(state, **{name: rest})))
    return tuple(shown)


def _without(state: ExplorerState, **changes: object) -> str:
    """The state after an example is taken away; without any plus there is no search."""
    rest = state.changed(**changes)
    return rest.query() if rest.is_search else state.changed(similar=None).query()


def _without_first(state: ExplorerState) -> str:
    """The next plus takes the place of the first."""
    first, *rest = state.plus or (None,)
    kept = {"minus": state.minus, "farthest": state.farthest, "roll_up": state.roll_up}
    return _without(state, similar=first, plus=tuple(rest), vector=state.vector, **kept)


def _tiles(actor: Actor, units: list[int]) -> dict[int, Tile]:
    seen = Unit.objects.visible_to(actor).select_related("item").filter(pk__in=units)
    tiles = {tile.unit: tile for tile in tiles_of(Row(unit) for unit in seen)}
    if len(tiles) < len(set(units)):
        raise NotFound("There is no such unit, or you have no access to it.")
    return tiles
