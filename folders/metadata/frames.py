"""The part `$encord` of an item's metadata: which frames are units, and their metadata. Pure.

    {"$encord": {"config": {"sampling_rate": 1, "keyframe_mode": "frame"},
                 "frames": {"13": {…}, "20": {…}}},
     "keyframes": [13, 17]}

Videos and image sequences have frames. In storage "frames" only says which frame number each key
means; the metadata of a frame lies with its unit.

A configuration that is given takes the place of the earlier one as a whole, and what it does not
name has its default; without one the earlier one holds. Key frames stay key frames for ever.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import FieldError
from folders.media.frame_times import SAME_MOMENT, FrameTimes
from folders.metadata.values import describe

ENCORD = "$encord"
KEYFRAMES = "keyframes"
DEFAULT_SAMPLING_RATE = 1.0

KeyframeMode = Literal["frame", "seconds"]

_CONFIG = ("sampling_rate", "keyframe_mode")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(slots=True)
class FrameKeys:
    """What `$encord` and `keyframes` say, apart from the frames' metadata itself.

    `config` is as it was given, None when it was not; `numbers` the keys of `frames` as numbers:
    frame numbers, or seconds, after the mode.
    """

    config: dict[str, Any] | None = None
    sampling_rate: float = DEFAULT_SAMPLING_RATE
    mode: KeyframeMode = "frame"
    numbers: dict[str, float] = field(default_factory=dict)
    listed: list[int] = field(default_factory=list)

    @property
    def names_frames(self) -> bool:
        """Whether they speak of frames at all, which only videos and sequences have."""
        return bool(self.numbers or self.listed) or self.config is not None


def parse_frame_keys(
    given: dict[str, Any],
    path: str,
    errors: list[FieldError],
    *,
    name: str = "",
    mode: KeyframeMode = "frame",
) -> FrameKeys:
    """Read the two reserved parts of an item's metadata; append what is wrong to `errors`.

    Args:
        given: the item's metadata.
        path: its place in the input.
        errors: is appended to.
        name: the item's, for messages.
        mode: what the keys of `frames` mean when no configuration is given.
    """
    reader = _Reader(FrameKeys(mode=mode), errors, f"“{name}”: " if name else "")
    if given.get(ENCORD) is not None:
        reader.encord(given[ENCORD], f"{path}.{ENCORD}")
    if given.get(KEYFRAMES) is not None:
        reader.listed(given[KEYFRAMES], f"{path}.{KEYFRAMES}")
    return reader.keys


def objects_of(metadata: Any) -> Iterator[Any]:
    """The metadata itself and that of each frame in it, unchecked."""
    yield metadata
    encord = metadata.get(ENCORD) if isinstance(metadata, dict) else None
    frames = encord.get("frames") if isinstance(encord, dict) else None
    if isinstance(frames, dict):
        yield from frames.values()


def stored_config(client_metadata: dict[str, Any]) -> FrameKeys:
    """The configuration of an item that is stored already."""
    return parse_frame_keys({ENCORD: {"config": _stored(client_metadata).get("config")}}, "", [])


def stored_frames(client_metadata: dict[str, Any]) -> dict[str, int]:
    """The frame number that each stored key of `frames` means."""
    return dict(_stored(client_metadata).get("frames") or {})


def _stored(client_metadata: dict[str, Any]) -> dict[str, Any]:
    return client_metadata.get(ENCORD) or {}


def resolve_frames(
    keys: FrameKeys, times: FrameTimes, path: str, errors: list[FieldError], *, name: str = ""
) -> dict[str, int]:
    """Which frame each key of `frames` means; append what is wrong to `errors`.

    Times mean the nearest frame, of two the earlier. A number beyond the end, or two keys that
    mean one frame, are errors; so is a number of the list `keyframes` beyond the end.
    """
    found: dict[str, int] = {}
    taken: dict[int, str] = {}
    what = f"“{name}”" if name else "It"
    for key, number in keys.numbers.items():
        place = f"{path}.{ENCORD}.frames.{key}"
        frame = _frame_of(number, keys.mode, times)
        if frame is None:
            errors.append(_beyond(place, what, key, keys.mode, times))
        elif frame in taken:
            message = f"{what}: “{key}” and “{taken[frame]}” both mean frame {frame}."
            errors.append(FieldError(place, message, "repeated", found=key))
        else:
            found[key] = frame
            taken[frame] = key
    errors.extend(
        _beyond(f"{path}.{KEYFRAMES}", what, str(number), "frame", times)
        for number in keys.listed
        if number >= times.frame_count
    )
    return found


def frame_key(number: int, mode: KeyframeMode, timestamp: float) -> str:
    """The key under which `frames` names a frame in a mode; reading it gives the frame again."""
    return str(number) if mode == "frame" else repr(timestamp).removesuffix(".0")


def rename_keys(
    named: dict[str, int], before: KeyframeMode, after: KeyframeMode, times: FrameTimes
) -> dict[str, int]:
    """The keys of `frames` with their frame numbers, as another mode names them."""
    if before == after:
        return named
    return {
        frame_key(number, after, times.timestamps[number]): number
        for number in named.values()
        if number < times.frame_count
    }


@dataclass(slots=True)
class _Reader:
    """Reads one item's metadata; `who` stands before each message."""

    keys: FrameKeys
    errors: list[FieldError]
    who: str

    def encord(self, encord: Any, path: str) -> None:
        """Read `$encord`."""
        if not isinstance(encord, dict):
            self._add(path, "This is no object.", "type", found=describe(encord))
            return
        for name in encord.keys() - {"config", "frames"}:
            message = f"{ENCORD} holds config and frames, nothing else."
            self._add(f"{path}.{name}", message, "unknown")
        if encord.get("config") is not None:
            self._config(encord["config"], f"{path}.config")
        if encord.get("frames") is not None:
            self._frames(encord["frames"], f"{path}.frames")

    def listed(self, listed: Any, path: str) -> None:
        """Read `keyframes`."""
        if not isinstance(listed, list):
            message = "This is no list of frame numbers."
            self._add(path, message, "type", "[13, 17]", describe(listed))
            return
        for place, number in enumerate(listed):
            if not _is_frame_number(number):
                message = "This is no frame number."
                self._add(f"{path}.{place}", message, "frame", "0 or more", describe(number))
        self.keys.listed = sorted({int(number) for number in listed if _is_frame_number(number)})

    def _config(self, config: Any, path: str) -> None:
        if not isinstance(config, dict):
            self._add(path, "This is no object.", "type", found=describe(config))
            return
        for name in config.keys() - set(_CONFIG):
            message = "A configuration holds sampling_rate and keyframe_mode, nothing else."
            self._add(f"{path}.{name}", message, "unknown")
        self.keys.config = config
        self.keys.mode = "frame"
        given = config.get("sampling_rate", DEFAULT_SAMPLING_RATE)
        rate = _number(given)
        if rate is None or rate < 0:
            message = "The sampling rate is a number of frames per second, 0 or more."
            self._add(f"{path}.sampling_rate", message, "range", "0 or more", describe(given))
        else:
            self.keys.sampling_rate = rate
        match config.get("keyframe_mode", "frame"):
            case "frame" | "seconds" as mode:
                self.keys.mode = mode
            case mode:
                message = "There is no such mode."
                expected = "frame or seconds"
                self._add(f"{path}.keyframe_mode", message, "choice", expected, describe(mode))

    def _frames(self, frames: Any, path: str) -> None:
        if not isinstance(frames, dict):
            self._add(path, "This is no object.", "type", found=describe(frames))
            return
        for key in frames:
            number = _frame_number(key, self.keys.mode)
            if number is None:
                expected = "a frame number, 0 or more"
                if self.keys.mode == "seconds":
                    expected = "a time in seconds, 0 or more"
                message = f"“{key[:80]}” is not {expected}."
                self._add(f"{path}.{key}", message, "frame", expected, key[:80])
            else:
                self.keys.numbers[key] = number

    def _add(self, path: str, message: str, code: str, expected: str = "", found: str = "") -> None:
        self.errors.append(FieldError(path, f"{self.who}{message}", code, expected, found))


def _frame_of(number: float, mode: KeyframeMode, times: FrameTimes) -> int | None:
    if mode == "frame":
        return int(number) if number < times.frame_count else None
    return times.nearest_frame(number) if number <= times.duration + SAME_MOMENT else None


def _beyond(path: str, what: str, key: str, mode: KeyframeMode, times: FrameTimes) -> FieldError:
    if mode == "frame":
        message, expected = f"frame {key}", f"0 to {times.frame_count - 1}"
    else:
        message, expected = f"{key} s", f"0 to {times.duration:g} s"
    message = f"{what} ends before {message}."
    return FieldError(path, message, "beyond_the_end", expected, key)


def _is_frame_number(value: Any) -> bool:
    """Whole and not negative; 13.0 is how many tools write 13."""
    if type(value) is float:
        return value.is_integer() and value >= 0
    return type(value) is int and value >= 0


def _frame_number(key: str, mode: KeyframeMode) -> float | None:
    if mode == "frame":
        return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None
    number = _number(key)
    return number if number is not None and number >= 0 else None


def _number(value: Any) -> float | None:
    """A finite number, or a text that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
