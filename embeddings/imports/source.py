"""The file of a run, and what its ids are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import InvalidInput
from embeddings.bulk import RowBatch, VectorFile, open_vectors
from embeddings.bulk.ids import IdKind, detect_kind
from embeddings.bulk.rows import unreadable
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
        file = open_vectors(content, options.columns)
        if file.id_column is None:
            raise unreadable(
                "The file has no ids, so nobody can tell which vector is whose. Save them with it: "
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


def _kind_of(file: VectorFile) -> IdKind:
    first: RowBatch | None = next(file.batches(values=False), None)
    return detect_kind(first.ids if first and first.ids else [])
