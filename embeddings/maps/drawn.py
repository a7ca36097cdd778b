"""What somebody drew on a map: shapes added to and taken from each other, one after the other.

    [{"mode": "replace", "rectangle": [x0, y0, x1, y1]},
     {"mode": "subtract", "polygon": [[x, y], …]}]

The page does the same with the points that it has (frontend/src/map/selection.ts).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import FieldError, InvalidInput
from embeddings.maps.geometry import Inside, Region, RegionError, parse_region

# Each point that is picked by itself is a shape.
MAX_PARTS = 500


class Mode(StrEnum):
    """What a shape does to what was selected before it."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"


@dataclass(frozen=True, slots=True)
class Part:
    """One shape."""

    mode: Mode
    region: Region

    def to_json(self) -> dict[str, Any]:
        """As it was parsed from."""
        return {"mode": self.mode.value, **self.region.to_json()}


def parse_parts(value: Any, path: str = "parts") -> list[Part]:
    """Read what somebody drew.

    Raises:
        InvalidInput: with every part that is none.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PARTS:
        message = f"Give a list of 1 to {MAX_PARTS} shapes."
        raise InvalidInput(message, errors=[FieldError(path, message)])
    parts, errors = [], []
    for place, part in enumerate(value):
        try:
            parts.append(_parse(part))
        except RegionError as error:
            at = f"{path}.{place}.{error.part}".rstrip(".")
            errors.append(FieldError(at, str(error)))
    if errors:
        raise InvalidInput(errors=errors)
    return parts


def selected_by(parts: Sequence[Part], points: NDArray[np.float32]) -> Inside:
    """Which of n points the parts select in the end: points have shape (n, 2)."""
    selected = np.zeros(len(points), dtype=bool)
    for part in parts:
        inside = part.region.contains(points[:, 0], points[:, 1])
        if part.mode == Mode.REPLACE:
            selected = inside
        elif part.mode == Mode.ADD:
            selected |= inside
        else:
            selected &= ~inside
    return selected


def _parse(value: Any) -> Part:
    if not isinstance(value, dict):
        raise RegionError("", "A shape is an object.")
    shape = {name: part for name, part in value.items() if name != "mode"}
    unknown = shape.keys() - {"rectangle", "polygon"}
    if unknown:
        raise RegionError(min(map(str, unknown)), "A shape has no such part.")
    try:
        mode = Mode(value.get("mode", Mode.ADD))
    except ValueError:
        raise RegionError("mode", f"The mode is one of {', '.join(Mode)}.") from None
    return Part(mode, parse_region(shape))
