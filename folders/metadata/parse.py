"""Takes an item's metadata apart: values for filters, vectors for the sink, frames."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import FieldError
from folders.choices import KeyType
from folders.constants import MAX_KEY_NAME_LENGTH, MAX_METADATA_BYTES
from folders.metadata.frames import (
    ENCORD,
    KEYFRAMES,
    FrameKeys,
    KeyframeMode,
    parse_frame_keys,
)
from folders.metadata.values import (
    SchemaKey,
    VectorValues,
    WrongValue,
    check_value,
    check_vector,
    describe,
    is_finite,
    is_number_list,
)

Schema = Mapping[str, SchemaKey]

# An escaped NUL, but not an escaped backslash before the text "u0000".
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Made once: `json.dumps` makes an encoder for each call with options.
_encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode


def filterable(client_metadata: dict[str, Any]) -> dict[str, Any]:
    """The part of an item's stored metadata that filters see."""
    hidden = (ENCORD, KEYFRAMES)
    return {name: value for name, value in client_metadata.items() if name not in hidden}


@dataclass(slots=True)
class ParsedValues:
    """What one JSON object holds: `values` to store as they are, `vectors` by embedding key,
    `removed` embedding keys that were set to null, `path` of the object in the input.
    """

    path: str
    values: dict[str, Any] = field(default_factory=dict)
    vectors: dict[str, VectorValues] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ParsedMetadata:
    """An item's metadata: its own values, those of its frames by key, and the frame keys."""

    own: ParsedValues
    frame_keys: FrameKeys
    frames: dict[str, ParsedValues] = field(default_factory=dict)

    @property
    def names_frames(self) -> bool:
        """Whether it speaks of frames at all, which only videos and sequences have."""
        return self.frame_keys.names_frames


class MetadataParser:
    """Parses the metadata of a batch against one schema (live keys by name).

    `errors` gathers all that is wrong; `stored_as_text` counts, by key, the lists of numbers that
    came under a key which is not in the schema.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.errors: list[FieldError] = []
        self.stored_as_text: Counter[str] = Counter()

    def parse(
        self, given: Any, path: str, *, name: str = "", mode: KeyframeMode = "frame"
    ) -> ParsedMetadata:
        """Take one item's metadata apart.

        Args:
            given: what was sent.
            path: its place in the input.
            name: the item's, which messages about its frames mention.
            mode: what keys of frames mean unless a configuration comes along; that of an item
                which exists.
        """
        if not isinstance(given, dict):
            message = "Metadata is one JSON object per item."
            self.errors.append(FieldError(path, message, "type", "an object", describe(given)))
            given = {}
        keys = parse_frame_keys(given, path, self.errors, name=name, mode=mode)
        own = self._parse_values(given, path, reserved=(ENCORD, KEYFRAMES))
        parsed = ParsedMetadata(own, keys)
        if given.get(KEYFRAMES) is not None:
            own.values[KEYFRAMES] = given[KEYFRAMES]
        # The configuration is stored with the item, beside its values.
        config = {} if keys.config is None else {ENCORD: {"config": keys.config}}
        self._check_storable(own.values | config, path)
        for key in keys.numbers:
            place = f"{path}.{ENCORD}.frames.{key}"
            frame = given[ENCORD]["frames"][key]
            if isinstance(frame, dict):
                parsed.frames[key] = self._parse_values(frame, place)
                self._check_storable(parsed.frames[key].values, place)
            else:
                message = "The metadata of a frame is an object."
                self.errors.append(FieldError(place, message, "type", found=describe(frame)))
        return parsed

    def _parse_values(
        self, given: dict[str, Any], path: str, reserved: tuple[str, ...] = ()
    ) -> ParsedValues:
        parsed = ParsedValues(path)
        for name, value in given.items():
            if name in reserved:
                continue
            try:
                self._parse_value(parsed, name, value)
            except WrongValue as wrong:
                place = _printable(f"{path}.{name}")
                self.errors.append(
                    FieldError(place, wrong.message, "value", wrong.expected, wrong.found)
                )
        return parsed

    def _parse_value(self, parsed: ParsedValues, name: str, value: Any) -> None:
        if name.startswith("$"):
            raise WrongValue("Names that start with $ are reserved.")
        if not name or len(name) > MAX_KEY_NAME_LENGTH or "\x00" in name:
            raise WrongValue(f"A key has 1 to {MAX_KEY_NAME_LENGTH} characters.")
        key = self._schema.get(name)
        if key is None:
            if is_number_list(value):
                # As the reference product does: it becomes a vector once the key exists.
                self.stored_as_text[name] += 1
                value = json.dumps(value)
            elif isinstance(value, int) and not is_finite(value):
                # Once the key were made one of numbers, no filter could read it.
                raise WrongValue("The number is too large.", found=describe(value))
            elif isinstance(value, np.ndarray):
                # The key has just been deleted.
                value = json.dumps(value.tolist())
            parsed.values[name] = value
        elif key.type != KeyType.EMBEDDING:
            check_value(key, value)
            parsed.values[name] = value
        elif value is None:
            parsed.removed.append(name)
        else:
            check_vector(key, value)
            parsed.vectors[name] = value

    def _check_storable(self, values: dict[str, Any], path: str) -> None:
        """What is stored as one JSON object must fit, and hold nothing that PostgreSQL refuses."""
        if _is_surely_storable(values):
            return
        size = 0
        for name, value in values.items():
            try:
                size += len(_as_stored(name, value))
            except WrongValue as wrong:
                self.errors.append(FieldError(_printable(f"{path}.{name}"), wrong.message, "value"))
        if size > MAX_METADATA_BYTES:
            found = f"{size:,} bytes"
            message = f"The metadata takes more than {MAX_METADATA_BYTES:,} bytes."
            self.errors.append(FieldError(path, message, "size", found=found))


def _is_surely_storable(values: dict[str, Any]) -> bool:
    """Whether a quick look at all of them at once finds nothing to say; mostly so."""
    try:
        text = _encode(values).encode()
    except (ValueError, RecursionError):
        return False
    # Commas here take as much as brackets do name by name.
    return len(text) <= MAX_METADATA_BYTES and b"\\u0000" not in text


def _as_stored(name: str, value: Any) -> bytes:
    """One value as JSON; PostgreSQL's knows neither NaN, nor halves of surrogate pairs, nor NUL.

    Raises:
        WrongValue: it holds one of these, or is nested too deep.
    """
    try:
        text = _encode({name: value}).encode()
    except (ValueError, RecursionError):
        message = "Numbers must be finite, texts valid Unicode, and nesting within reason."
        raise WrongValue(message) from None
    if _NUL.search(text):
        raise WrongValue("A text holds a NUL character, which cannot be stored.")
    return text


def _printable(path: str) -> str:
    """The path without halves of characters, which no answer could carry."""
    return path.encode(errors="backslashreplace").decode()
