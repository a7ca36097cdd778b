"""What a search answers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from embeddings.search.gaps import Gap


class Hit(NamedTuple):
    """A unit and its distance, as embeddings.search.distance defines it.

    `percentile` is the share of all searched units that lie strictly nearer, from 0 to below 100,
    whatever the threshold and the order; ties share it. None where it is not known. A tuple, since
    each search makes a thousand.
    """

    unit_id: int
    distance: float
    percentile: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Units of the searched set that no distance was computed for."""

    no_vector: int
    # Zero vectors have no direction, so no cosine; under other metrics they are searched.
    zero: int


@dataclass(frozen=True, slots=True)
class DistanceSummary:
    """All distances of a search in numbers; minimum and maximum are None when nothing was searched.

    `counts[i]` units have a distance from `edges[i]` up to, not including, `edges[i + 1]`; the last
    bar includes its end. `within` counts those up to the threshold, it included; `gaps` are where
    a threshold would cut between groups.
    """

    minimum: float | None
    maximum: float | None
    searched: int
    within: int
    edges: list[float]
    counts: list[int]
    milliseconds: float
    gaps: list[Gap] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits, in the order of (distance, unit id).

    `searched` and `left_out` are those of the first page of the search; `engine` answered.
    `ranking` says whether a later page comes from the ranking that was kept with the first, or goes
    on from the cursor since that has expired. `like` has for each hit the place of the plus example
    that it is nearest to, where there are several. What is approximate says which share of the 50
    nearest it finds, `recall`, and when that was measured. `distances` come with a first page where
    they were asked for.
    """

    hits: list[Hit]
    next_cursor: str | None
    how: Literal["exact", "approximate"]
    searched: int
    left_out: LeftOut
    milliseconds: float
    engine: str = ""
    ranking: Literal["new", "kept", "expired"] = "new"
    like: tuple[int, ...] = ()
    recall: float | None = None
    recall_measured_at: datetime | None = None
    distances: DistanceSummary | None = None
