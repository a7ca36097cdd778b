"""Files of vectors, as people make them."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.bulk import Columns, RowBatch, VectorFile, open_vectors

FORMATS = ("npy", "npz", "parquet", "parquet-fixed")


def npy(array: npt.NDArray[Any], **options: Any) -> bytes:
    """The array as numpy saves it."""
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def npz(*, compressed: bool = True, **arrays: npt.NDArray[Any]) -> bytes:
    """An archive of arrays."""
    file = io.BytesIO()
    save: Any = np.savez_compressed if compressed else np.savez
    save(file, **arrays)
    return file.getvalue()


def structured(ids: Sequence[str], vectors: npt.NDArray[Any], width: int = 40) -> bytes:
    """A .npy file with ids beside the vectors."""
    layout = [("id", f"U{width}"), ("vector", vectors.dtype.str, (vectors.shape[1],))]
    rows = np.empty(len(ids), dtype=layout)
    rows["id"], rows["vector"] = ids, vectors
    return npy(rows)


def parquet(**columns: Any) -> bytes:
    """A table of columns."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def lists(vectors: npt.NDArray[Any], *, fixed: bool = False) -> Any:
    """A matrix as a column of lists."""
    flat = pa.array(vectors.reshape(-1))
    if fixed:
        return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    offsets = pa.array(np.arange(len(vectors) + 1, dtype=np.int32) * vectors.shape[1])
    return pa.ListArray.from_arrays(offsets, flat)


def made(form: str, ids: Sequence[str], vectors: npt.NDArray[Any]) -> bytes:
    """The same content in one of FORMATS."""
    if form == "npy":
        return structured(ids, vectors)
    if form == "npz":
        return npz(ids=np.array(ids, dtype=str), vectors=vectors)
    return parquet(
        id=pa.array(ids, pa.string()), vector=lists(vectors, fixed=form == "parquet-fixed")
    )


def opened(content: bytes, columns: Columns | None = None) -> VectorFile:
    """The content as the importer sees it."""
    return open_vectors(io.BytesIO(content), columns)


def whole(content: bytes, columns: Columns | None = None) -> RowBatch:
    """All rows of a file as one batch."""
    batches = list(opened(content, columns).batches())
    return RowBatch(
        start=0,
        ids=None
        if batches[0].ids is None
        else [one for batch in batches for one in batch.ids or ()],
        frames=np.concatenate([batch.frames for batch in batches]),
        values=np.concatenate([batch.values for batch in batches]),
        usable=np.concatenate([batch.usable for batch in batches]),
        errors=[error for batch in batches for error in batch.errors],
    )
