"""Model fields of the embeddings app."""

import struct
from typing import Any

from django.db import models


class Float32Field(models.FloatField):  # type: ignore[type-arg]
    """A float32 column that Python sees exactly.

    PostgreSQL sends a real in its shortest decimal form ("0.1"), which read as a Python float is
    another number than the one stored.
    """

    def db_type(self, connection: Any) -> str:
        """PostgreSQL's name for float32."""
        return "real"

    def from_db_value(self, value: float | None, *_: Any) -> float | None:
        """The stored number itself."""
        return None if value is None else struct.unpack("f", struct.pack("f", value))[0]
