"""Measures contenders side by side, so that a busy machine hurts all of them alike."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(slots=True)
class Series:
    """The times of one contender, and what they are worth.

    `unit` is "rows/s" when `rows` says how many rows each time was for, else "ms".
    """

    name: str
    rows: int | None = None
    seconds: list[float] = field(default_factory=list)
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """What `p50` and `p95` are given in."""
        return "ms" if self.rows is None else "rows/s"

    @property
    def p50(self) -> float:
        """The median."""
        return self._value(50)

    @property
    def p95(self) -> float:
        """What 95 % of the runs keep to: slower ones are outside."""
        return self._value(95)

    def _value(self, percent: float) -> float:
        seconds = float(np.percentile(self.seconds, percent))
        return 1000 * seconds if self.rows is None else self.rows / seconds


@dataclass(frozen=True, slots=True)
class Comparison:
    """Contenders for one task; ratios are to the first one that is not ours."""

    task: str
    series: list[Series]
    reference: str


def side_by_side(
    contenders: Mapping[str, Callable[[T], object]], cases: Iterable[T], *, rows: int | None = None
) -> list[Series]:
    """Give each case to all contenders in turn; who goes first changes from case to case."""
    series = {name: Series(name, rows) for name in contenders}
    names = list(contenders)
    for turn, case in enumerate(cases):
        for place in range(len(names)):
            name = names[(turn + place) % len(names)]
            started = time.perf_counter()
            contenders[name](case)
            series[name].seconds.append(time.perf_counter() - started)
    return list(series.values())
