"""Products of queries with every row of a matrix, in float32.

A few threads, as many as cores, each multiply a part of the rows with one BLAS thread. Queries that
come while a product of the same matrix is under way are multiplied together afterwards: memory is
read once for all of them. The last products are kept, for a search asks for its page, its histogram
and its next page one after the other.
"""

import os
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import numpy as np
import numpy.typing as npt

from embeddings.matrix_files.mapped import MappedMatrix

Floats = npt.NDArray[np.float32]

# What the kept products of a process may take up, and those of one multiplication.
_KEPT_BYTES = 64 * 1024 * 1024
_MAX_KEPT = 100
_BATCH_BYTES = 64 * 1024 * 1024
_MAX_BATCH = 32
# Rows that one thread takes at a time.
_PART_BYTES = 16 * 1024 * 1024

# A matrix by its token: a product that is kept must not keep the files of a matrix.
_Key = tuple[int, bytes]


@dataclass(eq=False, slots=True)
class _Waiting:
    """A query whose product is wanted."""

    query: Floats
    told: Event = field(default_factory=Event)
    products: Floats | None = None
    error: BaseException | None = None


class Products:
    """Multiplies for all threads of a process."""

    def __init__(self, threads: int | None = None) -> None:
        """Threads begin with the first product, after any fork."""
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, "products")
        self._lock = Lock()
        self._kept: OrderedDict[_Key, Floats] = OrderedDict()
        self._waiting: dict[MappedMatrix, list[_Waiting]] = {}

    def of(self, matrix: MappedMatrix, query: Floats) -> Floats:
        """Products of a query of shape (d,) with all rows, dead ones too: shape (n,), read-only."""
        key = matrix.token, query.tobytes()
        mine = _Waiting(query)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
            queue = self._waiting.get(matrix)
            if queue is None:
                # Nobody is multiplying: this thread does.
                self._waiting[matrix] = []
            else:
                queue.append(mine)
        if queue is None:
            self._lead(matrix, [mine])
        else:
            mine.told.wait()
            if mine.products is None and mine.error is None:
                self._lead(matrix, self._next_batch(matrix, mine))
        if mine.error is not None:
            raise mine.error
        assert mine.products is not None  # noqa: S101  (told with either of them)
        return mine.products

    def forget(self) -> None:
        """Keep none of the products made so far."""
        with self._lock:
            self._kept.clear()

    def _next_batch(self, matrix: MappedMatrix, first: _Waiting) -> list[_Waiting]:
        """The thread that was told to go on, and others that wait."""
        count = _BATCH_BYTES // max(1, 4 * len(matrix.unit_ids))
        with self._lock:
            queue = self._waiting[matrix]
            others = queue[: max(0, min(count, _MAX_BATCH) - 1)]
            del queue[: len(others)]
        return [first, *others]

    def _lead(self, matrix: MappedMatrix, batch: list[_Waiting]) -> None:
        """Multiply for a batch of threads, then have the next one that waits lead."""
        try:
            for one, products in zip(batch, self._multiply(matrix, batch), strict=True):
                products.flags.writeable = False
                one.products = products
                self._keep((matrix.token, one.query.tobytes()), products)
        except BaseException as error:
            for one in batch:
                one.error = error
            raise
        finally:
            with self._lock:
                queue = self._waiting[matrix]
                successor = queue.pop(0) if queue else None
                if successor is None:
                    del self._waiting[matrix]
            for one in batch[1:]:
                one.told.set()
            if successor is not None:
                successor.told.set()

    def _multiply(self, matrix: MappedMatrix, batch: list[_Waiting]) -> list[Floats]:
        """Products of each query."""
        queries = np.stack([one.query for one in batch])
        # An array each, so that one that is kept does not keep the others.
        results = [np.empty(len(matrix.unit_ids), dtype=np.float32) for _ in batch]
        parts = _parts(matrix)

        def multiply(part: tuple[int, Floats]) -> None:
            start, values = part
            # Rows of extreme length may overflow; they are not judged by their product.
            with np.errstate(all="ignore"):
                if len(batch) == 1:
                    np.dot(values, queries[0], out=results[0][start : start + len(values)])
                    return
                for result, row in zip(results, queries @ values.T, strict=True):
                    result[start : start + len(values)] = row

        if len(parts) == 1:
            multiply(parts[0])
        else:
            list(self._pool.map(multiply, parts))
        return results

    def _keep(self, key: _Key, products: Floats) -> None:
        with self._lock:
            self._kept[key] = products
            total = sum(one.nbytes for one in self._kept.values())
            while total > _KEPT_BYTES or len(self._kept) > _MAX_KEPT:
                total -= self._kept.popitem(last=False)[1].nbytes


def _parts(matrix: MappedMatrix) -> list[tuple[int, Floats]]:
    """All rows, cut into parts: the number of the first, and the values."""
    step = max(1, _PART_BYTES // (4 * matrix.manifest.dimensions))
    return [
        (int(start) + begin, segment.values[begin : begin + step])
        for start, segment in zip(matrix.starts, matrix.segments, strict=False)
        for begin in range(0, len(segment.values), step)
    ]


PRODUCTS = Products()
"""The one of this process."""
