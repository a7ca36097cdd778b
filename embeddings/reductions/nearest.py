"""The nearest of many vectors, exactly: by products of tiles that stay in the processor's cache."""

import numpy as np
from numpy.typing import NDArray

from embeddings.reductions.layout import Matrix

# Queries that one product takes, and vectors: 8 MB of scores.
QUERIES = 512
_TILE = 4096
# The bound of a query is guessed from its scores with every so many-th vector, ...
_SAMPLED = 16
# ... which pays from so many vectors for each of the wanted ones on.
_PAYS_FROM = 40

Columns = NDArray[np.int32]
Scores = NDArray[np.float32]
Found = tuple[Columns, Scores]


class Nearest:
    """Finds the nearest of some vectors; scores are |v|²/2 − q·v, in the order of the distances."""

    def __init__(self, vectors: Matrix) -> None:
        """Look among vectors of shape (n, dimensions)."""
        self._vectors = vectors
        self._halves = half_squares(vectors)
        self._sample = np.ascontiguousarray(vectors[::_SAMPLED])
        self._sample_halves = np.ascontiguousarray(self._halves[::_SAMPLED])

    def of(self, queries: Matrix, k: int, *, own: int | None = None) -> Found:
        """Numbers and scores of the k ≤ n nearest of each query, ascending: shapes (m, k).

        A sample gives each query a bound that some more than k will keep to; only those are sorted
        out. Partitioning whole rows of scores takes ten times as long.

        Args:
            queries: shape (m, dimensions).
            k: how many of each; fewer than n where queries are left out themselves.
            own: the queries are the vectors from this number on, and none is near itself.
        """
        if len(self._vectors) < _PAYS_FROM * k:
            scores = self._scores(queries, slice(0, len(self._vectors)), own)
            return _smallest(scores, np.arange(scores.shape[1], dtype=np.int32), k)
        bounds = self._bounds(queries, k)
        parts = [
            _within(self._scores(queries, tile, own), bounds, k, tile.start) for tile in self._tiles
        ]
        row, columns, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
        kept = np.bincount(row, minlength=len(queries))
        order = np.argsort(row, kind="stable")
        place = np.arange(len(row)) - np.repeat(np.cumsum(kept) - kept, kept)
        shape = len(queries), max(int(kept.max()), k)
        some_scores = np.full(shape, np.inf, dtype=np.float32)
        some_columns = np.zeros(shape, dtype=np.int32)
        some_scores[row[order], place] = scores[order]
        some_columns[row[order], place] = columns[order]
        found = _smallest(some_scores, some_columns, k)
        self._find_missing(queries, own, np.flatnonzero(kept < k), found)
        return found

    @property
    def _tiles(self) -> list[slice]:
        count = len(self._vectors)
        return [slice(start, min(count, start + _TILE)) for start in range(0, count, _TILE)]

    def _bounds(self, queries: Matrix, k: int) -> Scores:
        scores = queries @ self._sample.T
        np.subtract(self._sample_halves, scores, out=scores)
        rank = min(scores.shape[1] - 1, int(1.3 * k / _SAMPLED) + 6)
        bounds: Scores = np.partition(scores, rank, axis=1)[:, rank]
        return bounds

    def _scores(self, queries: Matrix, tile: slice, own: int | None) -> Scores:
        scores: Scores = queries @ self._vectors[tile].T
        np.subtract(self._halves[tile], scores, out=scores)
        if own is not None:
            rows = np.arange(len(queries))
            columns = rows + own - tile.start
            inside = (columns >= 0) & (columns < scores.shape[1])
            scores[rows[inside], columns[inside]] = np.inf
        return scores

    def _find_missing(
        self,
        queries: Matrix,
        own: int | None,
        short: NDArray[np.intp],
        found: tuple[Columns, Scores],
    ) -> None:
        """Find the nearest of queries that the sample has misled."""
        columns, scores = found
        k = columns.shape[1]
        every = np.arange(len(self._vectors), dtype=np.int32)
        for row in short.tolist():
            query = queries[row : row + 1]
            mine = None if own is None else own + row
            all_scores = self._scores(query, slice(0, len(every)), mine)
            columns[row], scores[row] = (part[0] for part in _smallest(all_scores, every, k))


def half_squares(vectors: Matrix) -> Scores:
    """Half the squared length of each row."""
    halves: Scores = np.einsum("ij,ij->i", vectors, vectors) / np.float32(2)
    return halves


def _within(
    scores: Scores, bounds: Scores, k: int, first: int
) -> tuple[NDArray[np.intp], Columns, Scores]:
    """(row, column, score) of what keeps to the bounds, by rows; of too much the k smallest."""
    rows, width = scores.shape
    places = np.flatnonzero(scores <= bounds[:, None])
    if len(places) > rows * k:
        # Among very many equal vectors everything keeps to the bounds.
        columns = np.argpartition(scores, min(k, width) - 1, axis=1)[:, :k]
        places = (columns + np.arange(rows)[:, None] * width).ravel()
    row = places // width
    return row, (places - row * width + first).astype(np.int32), scores.ravel()[places]


def _smallest(scores: Scores, columns: Columns, k: int) -> Found:
    """The k smallest scores of each row, ascending, with their columns."""
    labels = np.broadcast_to(columns, scores.shape)
    if k < scores.shape[1]:
        chosen = np.argpartition(scores, k - 1, axis=1)[:, :k]
        scores = np.take_along_axis(scores, chosen, axis=1)
        labels = np.take_along_axis(labels, chosen, axis=1)
    order = np.argsort(scores, axis=1, kind="stable")
    return np.take_along_axis(labels, order, axis=1), np.take_along_axis(scores, order, axis=1)
