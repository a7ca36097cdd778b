"""Vectors as `.npy` (application/x-npy), the format of numpy.save.

One vector is an array of shape (dimensions,). Many are a structured array of shape (n,), so that
each row says whose it is:

    item    S36          id of the item (in what is sent also `name`, any text)
    frame   int32        frame number, -1 for the item as a whole (may be left out when sending)
    vector  float32 × d
"""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from core.api.parsers import read_whole
from core.errors import FieldError, InvalidInput
from embeddings.bulk.arrays import ArrayStream
from embeddings.bulk.columns import Columns
from embeddings.bulk.numpy_file import NpyFile
from embeddings.bulk.rows import WHOLE, RowBatch, require_floats, to_float32
from embeddings.constants import MAX_VECTORS_PER_REQUEST
from embeddings.services.addresses import UnitAddress
from embeddings.services.imports import VectorEntry

MEDIA_TYPE = "application/x-npy"
Array = npt.NDArray[Any]


class NpyBody(bytes):
    """The bytes of a body, so that a view knows them from JSON."""


class NpyParser(BaseParser):
    """Reads the body as it is; who knows what array it should be looks into it."""

    media_type = MEDIA_TYPE

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The bytes."""
        return NpyBody(read_whole(stream))


class NpyRenderer(BaseRenderer):
    """Writes an array."""

    media_type = MEDIA_TYPE
    format = "npy"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The array as numpy.save writes it."""
        file = BytesIO()
        np.lib.format.write_array(file, data, allow_pickle=False)
        return file.getvalue()


def as_rows(rows: list[tuple[UUID, int | None, Array]], dimensions: int) -> Array:
    """Vectors with whose they are, as an array."""
    layout = np.dtype([("item", "S36"), ("frame", "<i4"), ("vector", "<f4", (dimensions,))])
    array = np.empty(len(rows), dtype=layout)
    for place, (item, frame, vector) in enumerate(rows):
        array[place] = (str(item).encode(), WHOLE if frame is None else frame, vector)
    return array


def read_one(body: NpyBody) -> Array:
    """One vector.

    Raises:
        InvalidInput: it is no array of floats with one axis.
    """
    array = ArrayStream(BytesIO(body), "The body")
    if array.dtype.fields is not None or len(array.shape) != 1:
        raise InvalidInput("One vector is an array of one axis.", code="invalid_array")
    require_floats(array.dtype, "The body")
    values = array.read(array.rows)
    array.require_end()
    return to_float32(values)


def read_many(body: NpyBody) -> list[VectorEntry]:
    """Vectors with the units that they are for.

    Raises:
        InvalidInput: it is no such array, or has too many rows.
    """
    file = NpyFile(BytesIO(body), Columns())
    if file.id_column is None:
        raise InvalidInput("The array does not say which items it is for.", code="no_ids")
    if not 1 <= file.rows <= MAX_VECTORS_PER_REQUEST:
        message = f"One request holds 1 to {MAX_VECTORS_PER_REQUEST} vectors."
        raise InvalidInput(message, code="invalid_array")
    entries: list[VectorEntry] = []
    errors: list[FieldError] = []
    for batch in file.batches():
        errors += batch.errors
        entries += _entries(batch)
    if errors:
        raise InvalidInput(errors=errors)
    return entries


def _entries(batch: RowBatch) -> list[VectorEntry]:
    return [
        VectorEntry(_address(name, frame), vector)
        for name, frame, vector in zip(
            batch.ids or [], batch.frames.tolist(), batch.values, strict=True
        )
    ]


def _address(name: str, frame: int) -> UnitAddress:
    number = None if frame == WHOLE else frame
    try:
        return UnitAddress(item=UUID(name), frame=number)
    except ValueError:
        return UnitAddress(name=name.replace("\0", "") or "?", frame=number)
