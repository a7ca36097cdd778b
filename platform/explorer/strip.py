"""The strip of a similarity search: its query, the distances of all that was searched, a slider."""

from dataclasses import dataclass

from accounts.actor import Actor
from collections_app.matching import embedding_key, filtered_units
from core.errors import InvalidInput, NotFound
from embeddings.search import UnitExample, distance_summary
from explorer.bars import Bar, bars_of
from explorer.query import Row
from explorer.state import ExplorerState
from explorer.tiles import Tile, tiles_of
from folders.choices import Metric
from folders.models import Folder, Unit


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip shows; `count` units lie within `threshold`, which is `high` at first."""

    query: Tile
    metric: str
    low: float
    high: float
    threshold: float
    count: int
    searched: int
    milliseconds: str
    bars: tuple[Bar, ...]


def search_strip(*, actor: Actor, root: Folder, state: ExplorerState) -> Strip:
    """The strip of the state's search.

    Raises:
        NotFound, InvalidInput: the search cannot be carried out, as `embeddings.search` says.
    """
    asked = state.search
    if asked is None:
        raise InvalidInput("There is no search in this state.")
    key = embedding_key(actor, asked.key)
    found = distance_summary(
        actor=actor,
        root=root,
        key=key,
        query=UnitExample(asked.unit),
        units=filtered_units(actor=actor, root=root, tree=state.filter) if state.filter else None,
        threshold=asked.max_distance,
    )
    low, high = found.minimum or 0.0, found.maximum or 0.0
    threshold = high if asked.max_distance is None else asked.max_distance
    return Strip(
        query=_query(actor, asked.unit),
        metric=Metric(key.metric).label.lower(),
        low=low,
        high=high,
        threshold=threshold,
        count=found.within,
        searched=found.searched,
        milliseconds=f"{found.milliseconds:.0f}",
        bars=bars_of(found.edges, found.counts, low=None, high=asked.max_distance, height=32),
    )


def _query(actor: Actor, unit: int) -> Tile:
    found = Unit.objects.visible_to(actor).select_related("item").filter(pk=unit).first()
    if found is None:
        raise NotFound("There is no such unit, or you have no access to it.")
    return tiles_of([Row(found)])[0]
