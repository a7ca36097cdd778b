"""A matrix whose ids lie in a file of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from embeddings.bulk.rows import RowBatch, VectorFile, unreadable


class WithIds:
    """A file of vectors, its rows named by ids that came beside it; see VectorFile."""

    def __init__(self, file: VectorFile, ids: Sequence[str], name: str) -> None:
        """Put both together.

        Args:
            file: the matrix; ids of its own are passed over.
            ids: one for each row.
            name: of the file of ids, for people.

        Raises:
            InvalidInput: there are more or fewer ids than rows.
        """
        if len(ids) != file.rows:
            raise unreadable(
                f"{name} has {len(ids):,} ids for {file.rows:,} rows of the matrix.",
                code="wrong_number_of_ids",
            )
        self._file = file
        self._ids = ids
        self.format = file.format
        self.rows = file.rows
        self.dimensions = file.dimensions
        self.dtype = file.dtype
        self.id_column: str | None = name
        self.frame_column = file.frame_column

    def batches(self, *, values: bool = True) -> Iterator[RowBatch]:
        """All rows, each with its id."""
        for batch in self._file.batches(values=values):
            yield replace(batch, ids=list(self._ids[batch.start : batch.start + len(batch)]))
