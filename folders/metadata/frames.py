"""The part `$encord` of an item's metadata: which frames of a video are units, and their metadata.

    {"$encord": {"config": {"sampling_rate": 1, "keyframe_mode": "frame"},
                 "frames": {"13": {…}, "20": {…}}},
     "keyframes": [13, 17]}

In storage "frames" only says which frame number each key means; the metadata of a frame lies with
its unit.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import FieldError
from folders.metadata.values import describe

ENCORD = "$encord"
KEYFRAMES = "keyframes"
DEFAULT_SAMPLING_RATE = 1.0

KeyframeMode = Literal["frame", "seconds"]


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


def parse_frame_keys(given: dict[str, Any], path: str, errors: list[FieldError]) -> FrameKeys:
    """Read the two reserved parts of an item's metadata; append what is wrong to `errors`."""
    keys = FrameKeys()
    encord = given.get(ENCORD)
    if encord is not None:
        _parse_encord(keys, encord, f"{path}.{ENCORD}", errors)
    listed = given.get(KEYFRAMES)
    if listed is not None:
        if isinstance(listed, list) and all(type(n) is int and n >= 0 for n in listed):
            keys.listed = sorted(set(listed))
        else:
            message = "This is no list of frame numbers."
            found = describe(listed)
            errors.append(FieldError(f"{path}.{KEYFRAMES}", message, "type", "[13, 17]", found))
    return keys


def stored_config(client_metadata: dict[str, Any]) -> FrameKeys:
    """The configuration of an item that is stored already."""
    stored = client_metadata.get(ENCORD, {})
    given = {ENCORD: {"config": stored.get("config")}} if stored.get("config") else {}
    keys = parse_frame_keys(given, "", [])
    keys.listed = list(client_metadata.get(KEYFRAMES) or [])
    return keys


def _parse_encord(keys: FrameKeys, encord: Any, path: str, errors: list[FieldError]) -> None:
    if not isinstance(encord, dict):
        errors.append(FieldError(path, "This is no object.", "type", found=describe(encord)))
        return
    for name in encord.keys() - {"config", "frames"}:
        message = f"{ENCORD} holds config and frames, nothing else."
        errors.append(FieldError(f"{path}.{name}", message, "unknown"))
    if encord.get("config") is not None:
        _parse_config(keys, encord["config"], f"{path}.config", errors)
    frames = encord.get("frames")
    if frames is None:
        return
    if not isinstance(frames, dict):
        errors.append(
            FieldError(f"{path}.frames", "This is no object.", "type", found=describe(frames))
        )
        return
    for key in frames:
        number = _frame_number(key, keys.mode)
        if number is None:
            expected = "a frame number" if keys.mode == "frame" else "a time in seconds"
            message = f"“{key[:80]}” is not {expected}."
            errors.append(FieldError(f"{path}.frames.{key}", message, "frame", expected, key[:80]))
        else:
            keys.numbers[key] = number


def _parse_config(keys: FrameKeys, config: Any, path: str, errors: list[FieldError]) -> None:
    if not isinstance(config, dict):
        errors.append(FieldError(path, "This is no object.", "type", found=describe(config)))
        return
    keys.config = config
    rate = _number(config.get("sampling_rate", DEFAULT_SAMPLING_RATE))
    if rate is None or rate < 0:
        message = "The sampling rate is a number of frames per second, 0 or more."
        found = describe(config["sampling_rate"])
        errors.append(FieldError(f"{path}.sampling_rate", message, "range", "0 or more", found))
    else:
        keys.sampling_rate = rate
    mode = config.get("keyframe_mode", "frame")
    if mode in ("frame", "seconds"):
        keys.mode = mode
    else:
        message = "There is no such mode."
        expected, found = "frame or seconds", describe(mode)
        errors.append(FieldError(f"{path}.keyframe_mode", message, "choice", expected, found))


def _frame_number(key: str, mode: KeyframeMode) -> float | None:
    if mode == "frame":
        return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None
    number = _number(key)
    return number if number is not None and number >= 0 else None


def _number(value: Any) -> float | None:
    """A finite number, or a text that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
