"""Opens a file of vectors as what it is."""

from typing import IO

from embeddings.bulk import arrays
from embeddings.bulk.columns import Columns
from embeddings.bulk.numpy_file import NpyFile, NpzFile
from embeddings.bulk.rows import VectorFile, unreadable

_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"


def open_vectors(file: IO[bytes], columns: Columns | None = None) -> VectorFile:
    """The vectors in a seekable file, told from its first bytes, whatever it is called.

    Args:
        file: stays the caller's, and open as long as the answer is used.
        columns: where vectors, ids and frames stand; looked for under usual names unless told.

    Raises:
        InvalidInput: the file is none of the known formats, or holds no vectors that can be read.
    """
    columns = columns or Columns()
    file.seek(0)
    head = file.read(len(arrays.MAGIC))
    file.seek(0)
    if head == arrays.MAGIC:
        return NpyFile(file, columns)
    if head.startswith(_ZIP):
        return NpzFile(file, columns)
    if head.startswith(_PARQUET):
        # pyarrow takes long to import, and the web processes seldom need it.
        from embeddings.bulk.parquet import ParquetFile

        return ParquetFile(file, columns)
    if not head:
        raise unreadable("The file is empty.")
    raise unreadable("The file is neither .npy, nor .npz, nor Parquet.")
