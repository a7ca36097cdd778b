"""Reads vectors from files: .npy, .npz and Parquet, some megabytes at a time. Knows no database.

    open_vectors(file, columns) -> VectorFile     by what the file holds, not by its name
    VectorFile.batches() -> RowBatch, …           ids, frame numbers and float32 values

Nothing is ever unpickled, no array is read whole, and sizes are checked before anything is read.
"""

from embeddings.bulk.columns import Columns
from embeddings.bulk.reading import open_vectors
from embeddings.bulk.rows import RowBatch, VectorFile

__all__ = ["Columns", "RowBatch", "VectorFile", "open_vectors"]
