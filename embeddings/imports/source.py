"""The file of a run, and what its ids are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO

from core.errors import InvalidInput
from embeddings.bulk import RowBatch, VectorFile, open_vectors
from embeddings.bulk.id_files import read_ids
from embeddings.bulk.ids import IdKind, detect_kind
from embeddings.bulk.rows import unreadable
from embeddings.bulk.with_ids import WithIds
from embeddings.imports.options import VectorOptions, find_key
from embeddings.values import check_length
from folders.imports.run import ImportRun
from folders.models import MetadataKey


@dataclass(frozen=True, slots=True)
class Source:
    """An open file of vectors that fits its key."""

    file: VectorFile
    options: VectorOptions
    kind: IdKind
    # None while it is still to be made.
    key: MetadataKey | None


@contextmanager
def open_source(run: ImportRun) -> Iterator[Source]:
    """Open the file of a run and hold it against the key.

    Raises:
        InvalidInput: it cannot be read, has no ids, or its vectors are not of the key's length.
        NotFound: the key is gone.
    """
    options = VectorOptions.of(run.options)
    key = find_key(run.actor, options)
    with run.open() as content:
        file = _opened(run, options, content)
        if file.id_column is None:
            raise unreadable(
                "The file has no ids, so nobody can tell which vector is whose. Give a second file "
                "with the ids, or save them with the matrix: "
                "np.savez(file, ids=np.array(ids), vectors=matrix), or as a Parquet file with a "
                "column of ids.",
                code="no_ids",
            )
        dimensions = key.dimensions if key else None
        if dimensions and file.dimensions and dimensions != file.dimensions:
            error = check_length(file.dimensions, dimensions=dimensions, path="vectors")
            raise InvalidInput(
                f"“{options.key}” takes vectors of {dimensions} numbers; those of the file have "
                f"{file.dimensions}.",
                code="wrong_length",
                errors=[error] if error else [],
            )
        yield Source(file, options, options.asked_kind or _kind_of(file), key)


def _opened(run: ImportRun, options: VectorOptions, content: IO[bytes]) -> VectorFile:
    """The matrix, with the ids that came in a file of their own if there is one."""
    side = run.open_side()
    if side is None:
        return open_vectors(content, options.columns)
    with side:
        ids = read_ids(side, run.row.side_name, options.id_column)
    # The column of ids is one of that file.
    file = open_vectors(content, replace(options.columns, ids=""))
    return WithIds(file, ids, run.row.side_name)


def _kind_of(file: VectorFile) -> IdKind:
    first: RowBatch | None = next(file.batches(values=False), None)
    return detect_kind(first.ids if first and first.ids else [])
