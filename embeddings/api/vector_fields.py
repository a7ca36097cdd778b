"""Vectors in JSON: a list of numbers, or the Base64 text of their float32 bytes (little-endian)."""

import base64
import binascii
from typing import Any

import numpy as np
import numpy.typing as npt
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.errors import FieldError
from embeddings.values import as_json, describe

Vector = npt.NDArray[np.float32]

LIST, BASE64 = "list", "base64"
ENCODINGS = (LIST, BASE64)

_SCHEMA = {
    "oneOf": [
        {"type": "array", "items": {"type": "number"}},
        {"type": "string", "contentEncoding": "base64"},
    ]
}


@extend_schema_field(_SCHEMA)
class VectorField(serializers.JSONField):
    """A vector in either form; it is checked where the size of its key is known."""


def encode(vector: Vector, encoding: str) -> list[float] | str:
    """A vector for JSON. Both forms stand for its very bits."""
    if encoding == BASE64:
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return as_json(vector)


def decode(values: Any, path: str) -> tuple[Any, FieldError | None]:
    """A text as the float32 values that it stands for; whatever else was sent as it is."""
    if not isinstance(values, str):
        return values, None
    expected = "a list of numbers, or the Base64 text of little-endian float32"
    try:
        content = base64.b64decode(values, validate=True)
    except (binascii.Error, ValueError):
        content = b"?"
    if len(content) % 4:
        message = "This is neither a list of numbers nor Base64 of float32."
        return None, FieldError(path, message, "not_a_vector", expected, describe(values))
    return np.frombuffer(content, dtype="<f4").astype(np.float32), None
