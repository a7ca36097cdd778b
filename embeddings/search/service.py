"""Pages of hits."""

import time
from typing import Literal

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from embeddings.constants import DEFAULT_SEARCH_LIMIT, MAX_SEARCH_LIMIT
from embeddings.search import cursor as cursors
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.engine import Engine, Position
from embeddings.search.question import Example, Question, ask
from embeddings.search.results import LeftOut, SearchPage
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
    engine: str = DEFAULT_ENGINE,
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
        engine: one of ENGINES.

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
    digest = question.digest()
    before = cursors.decode(cursor, digest=digest) if cursor else None
    if before is None:
        searched, left_out = _counts(chosen, question)
        after = None
    else:
        searched, left_out = before.searched, before.left_out
        after = Position(before.distance, before.unit_id)
    # One more than the page holds tells whether another page follows.
    hits = chosen.page(question, after=after, limit=limit + 1)
    next_cursor = None
    if len(hits) > limit:
        hits = hits[:limit]
        last = cursors.Cursor(hits[-1].distance, hits[-1].unit_id, searched, left_out)
        next_cursor = cursors.encode(last, digest=digest)
    how: Literal["exact", "approximate"] = "exact" if chosen.is_exact else "approximate"
    elapsed = 1000 * (time.perf_counter() - started)
    return SearchPage(hits, next_cursor, how, searched, left_out, elapsed)


def _counts(engine: Engine, question: Question) -> tuple[int, LeftOut]:
    """How many units are searched, and how many are left out for which reason."""
    covered = engine.counts(question)
    zero = covered.zero if question.metric == Metric.COSINE else 0
    return covered.with_vector - zero, LeftOut(no_vector=covered.without_vector, zero=zero)
