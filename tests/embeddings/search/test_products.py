"""Products with all rows: the same whoever asks, alone or together with others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from uuid import uuid4

import numpy as np
import pytest

from embeddings.matrix_files.manifest import Manifest, Part, pack, write_manifest
from embeddings.matrix_files.mapped import MappedMatrix, open_matrix_folder
from embeddings.matrix_files.segment import SegmentWriter
from embeddings.search import products as module
from embeddings.search.products import Floats, Products

ROWS, DIMENSIONS = 500, 7


@pytest.fixture
def values() -> Floats:
    return np.random.default_rng(3).normal(size=(ROWS, DIMENSIONS)).astype(np.float32)


@pytest.fixture
def matrix(tmp_path: Path, values: Floats) -> MappedMatrix:
    """Two segments."""
    parts = []
    for start, end in ((0, 300), (300, ROWS)):
        with SegmentWriter(tmp_path / f"{start}.rows", DIMENSIONS) as writer:
            rows = values[start:end]
            lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
            writer.append(np.arange(start, end), lengths, rows)
        parts.append(Part(f"{start}.rows", writer.rows, writer.checksum))
    none_dead = pack(np.zeros(ROWS, dtype=np.bool_))
    manifest = Manifest(1, uuid4(), 1, DIMENSIONS, 1, "0", tuple(parts), none_dead, 0.0, 0.0)
    write_manifest(tmp_path, manifest)
    return open_matrix_folder(tmp_path)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PART_BYTES", 4 * DIMENSIONS * 64)


def some_queries(count: int) -> Floats:
    return np.random.default_rng(5).normal(size=(count, DIMENSIONS)).astype(np.float32)


def test_products__are_those_of_all_rows(matrix: MappedMatrix, values: Floats) -> None:
    (query,) = some_queries(1)

    found = Products(2).of(matrix, query)

    assert found.shape == (ROWS,)
    assert np.allclose(found, values @ query, atol=1e-5)


def test_products__are_kept_for_the_next_question(matrix: MappedMatrix) -> None:
    products = Products(2)
    (query,) = some_queries(1)

    first = products.of(matrix, query)

    assert products.of(matrix, query.copy()) is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


def test_products__are_forgotten_beyond_their_budget(
    matrix: MappedMatrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KEPT_BYTES", 2 * 4 * ROWS)
    products = Products(2)
    one, other, third = some_queries(3)
    first = products.of(matrix, one)
    second = products.of(matrix, other)

    assert products.of(matrix, one) is first
    products.of(matrix, third)

    assert products.of(matrix, one) is first
    assert products.of(matrix, other) is not second


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Callable[[Products], tuple[list[int], Event]]:
    """Holds the first multiplication up until the event; notes how many queries each was for."""

    def hold(products: Products) -> tuple[list[int], Event]:
        sizes: list[int] = []
        go_on = Event()
        multiply = products._multiply

        def slow(matrix: MappedMatrix, batch: list[module._Waiting]) -> list[Floats]:
            sizes.append(len(batch))
            if len(sizes) == 1:
                assert go_on.wait(10)
            return multiply(matrix, batch)

        monkeypatch.setattr(products, "_multiply", slow)
        return sizes, go_on

    return hold


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        Event().wait(0.01)
    raise AssertionError("It never came to that.")


def test_products__of_queries_that_wait_are_made_together(
    matrix: MappedMatrix,
    values: Floats,
    held: Callable[[Products], tuple[list[int], Event]],
) -> None:
    products = Products(2)
    sizes, go_on = held(products)
    queries = some_queries(9)
    with ThreadPoolExecutor(9) as threads:
        running = [threads.submit(products.of, matrix, queries[0])]
        wait_for(lambda: sizes == [1])
        running += [threads.submit(products.of, matrix, query) for query in queries[1:]]
        wait_for(lambda: len(products._waiting[matrix]) == 8)
        go_on.set()
        found = [one.result(timeout=10) for one in running]

    assert sizes == [1, 8]
    for query, one in zip(queries, found, strict=True):
        assert np.allclose(one, values @ query, atol=1e-5)
    assert products._waiting == {}


def test_products__an_error_reaches_everybody_and_blocks_nobody(
    matrix: MappedMatrix, held: Callable[[Products], tuple[list[int], Event]]
) -> None:
    products = Products(2)
    sizes, go_on = held(products)
    queries = some_queries(3)
    wrong = np.ones(DIMENSIONS + 1, dtype=np.float32)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(products.of, matrix, queries[0])
        wait_for(lambda: sizes == [1])
        others = [threads.submit(products.of, matrix, one) for one in (wrong, queries[1])]
        wait_for(lambda: len(products._waiting[matrix]) == 2)
        go_on.set()
        assert len(first.result(timeout=10)) == ROWS
        # They were stacked together.
        for other in others:
            with pytest.raises(ValueError, match="shape"):
                other.result(timeout=10)

    assert len(products.of(matrix, queries[2])) == ROWS
