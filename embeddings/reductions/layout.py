"""What a reduction gives back, and what it says while it works."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
"""Vectors, one in each row: shape (n, dimensions)."""

Points = NDArray[np.float32]
"""Places on a map: shape (n, 2), in the map's own arbitrary unit."""


class Phase(StrEnum):
    """The parts of a reduction, in the order in which they come."""

    COMPONENTS = "Finding principal components"
    NEIGHBOURS = "Finding neighbours"
    EXAGGERATION = "Separating groups"
    LAYOUT = "Laying out"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase is: rows of NEIGHBOURS, iterations of EXAGGERATION and LAYOUT.

    `kl` is the Kullback–Leibler divergence between the neighbourhoods of the vectors and those of
    the map as it is now, where the phase knows it. `to_come` are the iterations of later phases.
    """

    phase: Phase
    done: int
    total: int
    kl: float | None = None
    to_come: int = 0


Report = Callable[[Progress], None]
"""Called several times a second, from the thread that computes; an exception ends the reduction."""


class ReductionError(Exception):
    """The vectors cannot be laid out; the message says why, in words for the user."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The finished map.

    Attributes:
        points: shape (n, 2), in the order of the vectors, all finite.
        kl: Kullback–Leibler divergence reached, None for methods that have none.
        used: what the computation did, after adapting to the vectors; JSON.
    """

    points: Points
    kl: float | None = None
    used: dict[str, Any] = field(default_factory=dict)


def no_report(progress: Progress) -> None:
    """Listen to nothing."""


def finished_layout(
    points: NDArray[np.floating[Any]], *, kl: float | None, used: dict[str, Any]
) -> Layout:
    """The layout with its points as float32.

    Raises:
        ReductionError: a coordinate is not finite.
    """
    as_stored = np.ascontiguousarray(points, dtype=np.float32)
    if not np.isfinite(as_stored).all():
        raise ReductionError(
            "The layout did not settle: some points ran away to infinity. "
            "Try a smaller exaggeration or another perplexity."
        )
    return Layout(points=as_stored, kl=kl, used=used)
