"""Pages of hits."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from embeddings.constants import DEFAULT_SEARCH_LIMIT, MAX_SEARCH_LIMIT
from embeddings.search import cursor as cursors
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.engine import Engine, Position
from embeddings.search.examples import Example
from embeddings.search.question import Question, ask
from embeddings.search.ranking import Order, Ranker
from embeddings.search.rankings import WINDOW, keep_ranking, read_ranking
from embeddings.search.results import Hit, LeftOut, SearchPage
from embeddings.search.summary import summarize
from folders.choices import Metric
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet


def search(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    query: Example,
    units: UnitQuerySet | None = None,
    limit: int = DEFAULT_SEARCH_LIMIT,
    cursor: str | None = None,
    max_distance: float | None = None,
    order: Order = Order.NEAREST,
    roll_up: bool = False,
    engine: str = DEFAULT_ENGINE,
    histogram: bool = False,
) -> SearchPage:
    """Find the units of a root folder that are nearest to a unit or a vector, page by page.

    Args:
        actor: who asks; units that he may not see are neither searched nor counted.
        root: a root folder.
        key: a live embedding key; its metric measures.
        query: whose neighbours are wanted; a unit is its own nearest hit.
        units: the set to search within the root, all of it when None; neither sliced nor combined.
        limit: hits per page, from 1 to 1000.
        cursor: `next_cursor` of the page before; the rest of the search must be the same.
        max_distance: leave out what is farther; units at exactly this distance are hits.
        order: which end comes first.
        roll_up: of each item, video frames above all, only the hit that comes first.
        engine: one of ENGINES.
        histogram: whether a first page comes with `distance_summary`, found in the same pass.

    Raises:
        NotFound: root, key or query unit are not there for the actor.
        InvalidInput: the query unit has no vector, the query vector does not fit the key or is zero
            under cosine, or the cursor belongs to another search.
    """
    started = time.perf_counter()
    chosen = engine_named(engine)
    if not 1 <= limit <= MAX_SEARCH_LIMIT:
        message = f"A page has 1 to {MAX_SEARCH_LIMIT} hits."
        raise InvalidInput(errors=[FieldError("limit", message, "range", found=str(limit))])
    question = ask(
        actor=actor, root=root, key=key, example=query, units=units, max_distance=max_distance
    )
    ranker = Ranker(chosen, question, order, roll_up, reads_all=histogram and cursor is None)
    digest = ranker.digest()
    before = cursors.decode(cursor, digest=digest) if cursor else None
    summary = None
    if before is None:
        # Before all else, so that the page and the counts come from the same limits.
        summary = summarize(ranker.bounds(), max_distance) if histogram else None
        searched, left_out = _counts(ranker)
    else:
        searched, left_out = before.searched, before.left_out
    part = _part(ranker, before, limit, searched)
    next_cursor = None
    if part.more:
        last = part.hits[-1]
        behind = cursors.Cursor(
            *(last.distance, last.unit_id, searched, left_out),
            *(part.name, part.place, part.complete),
        )
        next_cursor = cursors.encode(behind, digest=digest)
    answerer = ranker.answerer
    return SearchPage(
        hits=part.hits,
        next_cursor=next_cursor,
        how="approximate" if ranker.approximate else "exact",
        searched=searched,
        left_out=left_out,
        milliseconds=1000 * (time.perf_counter() - started),
        engine=answerer.name,
        recall=answerer.index.recall if answerer.index else None,
        recall_measured_at=answerer.index.measured_at if answerer.index else None,
        ranking=part.ranking,
        like=_like(chosen, question, part.hits),
        distances=summary,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """The hits of a page, whether there are more, and where in which kept ranking they end.

    `complete`: see Cursor.
    """

    hits: list[Hit]
    more: bool
    name: str
    place: int
    ranking: Literal["new", "kept", "expired"]
    complete: bool


def _part(ranker: Ranker, before: cursors.Cursor | None, limit: int, searched: int) -> _Part:
    """The page behind a cursor: of the ranking that was kept, as far as it goes.

    Behind the ranking of an index comes first what that passed over.
    """
    if before is None:
        return _ranked(ranker, None, limit, searched, "new")
    kept = read_ranking(before.ranking) if before.ranking else None
    rest = kept[before.place :] if kept is not None else []
    # The last one is there to tell that more follow.
    if len(rest) > limit:
        return _Part(
            rest[:limit],
            more=True,
            name=before.ranking,
            place=before.place + limit,
            ranking="kept",
            complete=before.complete,
        )
    if kept is not None and len(kept) < WINDOW:
        return _Part(rest, more=False, name="", place=0, ranking="kept", complete=True)
    after = Position(before.distance, before.unit_id)
    missed: list[Hit] = []
    if not before.complete:
        given = ranker.given_until(after) if kept is None else kept[: before.place]
        missed = ranker.passed_over(given)
    return _ranked(ranker, after, limit, searched, "expired" if kept is None else "kept", missed)


def _ranked(
    ranker: Ranker,
    after: Position | None,
    limit: int,
    searched: int,
    ranking: Literal["new", "kept", "expired"],
    missed: Sequence[Hit] = (),
) -> _Part:
    hits = [*missed, *ranker.hits(after=after, limit=max(WINDOW, limit + 1))]
    hits = ranker.with_percentiles(hits, after=after, searched=searched)
    more = len(hits) > limit
    name = keep_ranking(hits) if more else ""
    complete = after is not None or not ranker.approximate
    return _Part(hits[:limit], more, name, limit, ranking, complete)


def _like(engine: Engine, question: Question, hits: Sequence[Hit]) -> tuple[int, ...]:
    """For each hit, the place of the plus example that it is nearest to."""
    if not question.plus or not hits:
        return ()
    unit_ids = np.array([hit.unit_id for hit in hits], dtype=np.int64)
    distances = np.full((len(question.plus), len(hits)), np.inf)
    for place, vector in enumerate(question.plus):
        found = engine.distances_of(replace(question, vector=vector, plus=()), unit_ids)
        distances[place] = [found.get(hit.unit_id, np.inf) for hit in hits]
    return tuple(distances.argmin(axis=0).tolist())


def _counts(ranker: Ranker) -> tuple[int, LeftOut]:
    """How many units are searched, and how many are left out for which reason."""
    covered = ranker.counts()
    zero = covered.zero if ranker.question.metric == Metric.COSINE else 0
    return covered.with_vector - zero, LeftOut(no_vector=covered.without_vector, zero=zero)
