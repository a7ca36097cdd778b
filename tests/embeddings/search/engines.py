"""Engines for tests: what they need is made on the spot, instead of by a thread or a worker."""

from embeddings.choices import IndexState
from embeddings.matrix_files.background import Wish, fulfil
from embeddings.models import VectorIndex, VectorSet
from embeddings.search.bounds import Bounds
from embeddings.search.engine import Position
from embeddings.search.hnsw import HnswEngine
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.rows import SetRows
from embeddings.search.scan import ScanEngine
from embeddings.services.index_building import carry_out_building
from embeddings.services.index_following import bring_up_to_date
from folders.models import Folder, MetadataKey


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


class IndexedHnsw(HnswEngine):
    """An engine whose index is there: built by the first search, then far behind the set at times.

    Small sets are searched by it as well.
    """

    def __init__(self, *, most_changes: int) -> None:
        super().__init__(few_units=0)
        self.most_changes = most_changes

    def page(self, question: Question, *, after: Position | None, limit: int) -> list[Hit]:
        self._prepare(question)
        return super().page(question, after=after, limit=limit)

    def bounds(self, question: Question) -> Bounds:
        self._prepare(question)
        return super().bounds(question)

    def _prepare(self, question: Question) -> None:
        vector_set, _ = VectorSet.objects.get_or_create(
            root_id=question.root_id, key_id=question.key_id
        )
        index = VectorIndex.objects.filter(vector_set=vector_set).first()
        if index is None:
            build(vector_set, dimensions=len(question.vector))
        elif vector_set.revision - index.revision > self.most_changes:
            bring_up_to_date(index, told=lambda done, total: None)


def make_index(root: Folder, key: MetadataKey) -> VectorIndex:
    """Build a set's index here, beside the present one."""
    return build(VectorSet.objects.get(root=root, key=key), dimensions=key.dimensions or 0)


def build(vector_set: VectorSet, *, dimensions: int) -> VectorIndex:
    index = VectorIndex.objects.create(vector_set=vector_set, dimensions=dimensions)
    carry_out_building(index_id=index.pk, told=lambda done, step: None)
    return VectorIndex.objects.get(vector_set=vector_set, state=IndexState.READY)
