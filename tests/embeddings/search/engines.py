"""Engines for tests: scans that make their files on the spot instead of leaving it to a thread."""

from embeddings.matrix_files.background import Wish, fulfil
from embeddings.search.question import Question
from embeddings.search.rows import SetRows
from embeddings.search.scan import ScanEngine


class FiledScan(ScanEngine):
    """A scan that never leaves an answer to PostgreSQL.

    The file is made by the first search, and appended by one that finds it too far behind.
    """

    def __init__(self, *, few_units: int, most_changes: int) -> None:
        super().__init__(few_units=few_units)
        self.most_changes = most_changes

    def _rows(self, question: Question) -> SetRows | None:
        wish = Wish(question.root_id, question.key_id, len(question.vector))
        if self._store.find(wish.root_id, wish.key_id) is None and not fulfil(wish):
            # There never was a vector.
            return super()._rows(question)
        rows = super()._rows(question)
        assert rows is not None
        if rows.changes > self.most_changes:
            assert fulfil(wish)
            rows = super()._rows(question)
            assert rows is not None
        return rows
