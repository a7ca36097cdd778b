"""What a reduction does beside computing: shows its points, is told to stop, remembers its work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


class Memory(Protocol):
    """Keeps arrays by name, for a run that goes on where an earlier one ended."""

    def load(self, name: str) -> Arrays | None:
        """What was saved under a name, None when nothing was."""

    def save(self, name: str, arrays: Arrays) -> None:
        """Keep arrays, in place of what the name held before."""

    def is_due(self, name: str) -> bool:
        """Whether it is time to save again what changes all the while."""


class NoMemory:
    """Keeps nothing."""

    def load(self, name: str) -> Arrays | None:
        """Know nothing."""
        del name
        return None

    def save(self, name: str, arrays: Arrays) -> None:
        """Forget it."""

    def is_due(self, name: str) -> bool:
        """Never."""
        del name
        return False


def show_nothing(points: NDArray[np.floating[Any]]) -> None:
    """Let the layout form unseen."""


def never() -> bool:
    """Go on to the end."""
    return False


@dataclass(frozen=True, slots=True)
class Live:
    """The surroundings of a running reduction.

    Attributes:
        show: given the points, shape (n, 2), as often as progress is reported; they are still
            being changed, so that whoever keeps them copies them.
        stops: whether to stop here and keep the points as they are; asked as often.
        memory: where neighbours, affinities and the state of the layout are kept.
    """

    show: Callable[[NDArray[np.floating[Any]]], None] = show_nothing
    stops: Callable[[], bool] = never
    memory: Memory = field(default_factory=NoMemory)
