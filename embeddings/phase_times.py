"""How long each part of a reduction took, for the run's own row."""

import time


class PhaseTimes:
    """Measures from its making on; a part ends where the next begins."""

    def __init__(self, first: str) -> None:
        """Begin with a part of this name."""
        self._begun = self._since = time.monotonic()
        self._name = first
        self._seconds: dict[str, float] = {}
        self._first_points: float | None = None

    def enter(self, name: str) -> None:
        """Be in a part from now on; the one that one is in already goes on."""
        if name == self._name:
            return
        self._end()
        self._name = name

    def points_shown(self) -> None:
        """Points are there to be looked at; the first time counts."""
        if self._first_points is None:
            self._first_points = time.monotonic() - self._begun

    def summary(self) -> dict[str, float | dict[str, float] | None]:
        """Seconds of each part so far, and until the first points were shown."""
        self._end()
        return {
            "first_points": None if self._first_points is None else round(self._first_points, 3),
            "phases": {name: round(seconds, 3) for name, seconds in self._seconds.items()},
        }

    def _end(self) -> None:
        now = time.monotonic()
        self._seconds[self._name] = self._seconds.get(self._name, 0.0) + now - self._since
        self._since = now
