"""Readers of vector files: bit for bit what was saved, streamed, and nothing but floats."""

import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import InvalidInput
from embeddings.bulk import Columns, open_vectors
from embeddings.bulk.ahead import read_ahead
from embeddings.bulk.rows import BATCH_BYTES
from tests.embeddings.bulk.files import (
    FORMATS,
    lists,
    made,
    npy,
    npz,
    opened,
    parquet,
    structured,
    whole,
)

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
MATRICES = arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.integers(1, 5)),
    elements=FLOATS,
)
HARD = np.array(
    [[-0.0, 1e-45, -1.4e-45], [np.finfo(np.float32).max, -np.finfo(np.float32).max, 0.1]],
    dtype=np.float32,
)


def bits(matrix: Any) -> list[list[int]]:
    patterns: list[list[int]] = np.ascontiguousarray(matrix, np.float32).view(np.uint32).tolist()
    return patterns


@given(matrix=MATRICES, form=st.sampled_from(FORMATS))
def test_float32__comes_back_bit_for_bit(matrix: Any, form: str) -> None:
    ids = [f"image-{number}.png" for number in range(len(matrix))]

    read = whole(made(form, ids, matrix))

    assert bits(read.values) == bits(matrix)
    assert read.ids == ids
    assert read.usable.all()
    assert read.errors == []


@pytest.mark.parametrize("form", FORMATS)
def test_float32__subnormals_negative_zero_and_the_largest(form: str) -> None:
    file = opened(made(form, ["a", "b"], HARD))

    assert (file.rows, file.dimensions, file.dtype) == (2, 3, "float32")
    assert bits(next(iter(file.batches())).values) == bits(HARD)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_widths__are_rounded_once_to_float32(form: str, dtype: type) -> None:
    matrix: Any = np.array([[0.1, 1 / 3], [1 + 2.0**-24, 65504.0]], dtype=dtype)

    file = opened(made(form, ["a", "b"], matrix))

    assert file.dtype == np.dtype(dtype).name
    assert bits(next(iter(file.batches())).values) == bits(matrix.astype(np.float32))


def test_npy__big_endian_is_turned_round() -> None:
    assert bits(whole(npy(HARD.astype(">f4"))).values) == bits(HARD)


@pytest.mark.parametrize("pack", [npy, lambda array: npz(vectors=array)])
def test_columns_first__are_read_row_by_row(pack: Any) -> None:
    matrix = np.arange(3000, dtype=np.float32).reshape(1000, 3)
    content = pack(np.asfortranarray(matrix))
    assert b"'fortran_order': True" in content or pack is not npy

    assert bits(whole(content).values) == bits(matrix)


def test_version_2_header__is_read() -> None:
    file = io.BytesIO()
    np.lib.format.write_array(file, HARD, version=(2, 0))

    assert bits(whole(file.getvalue()).values) == bits(HARD)


def test_batches__are_small_whatever_the_file_holds() -> None:
    matrix = np.ones((5000, 512), dtype=np.float32)
    ids = [str(number) for number in range(5000)]

    for form in FORMATS:
        batches = list(opened(made(form, ids, matrix)).batches())
        assert max(batch.values.nbytes for batch in batches) <= BATCH_BYTES
        assert [batch.start for batch in batches][:2] == [0, len(batches[0])]
        assert sum(len(batch) for batch in batches) == 5000
        assert [one for batch in batches for one in batch.ids or ()] == ids


def test_batches__may_be_read_twice() -> None:
    file = opened(made("npz", ["a", "b"], HARD))

    first, second = list(file.batches()), list(file.batches())

    assert bits(first[0].values) == bits(second[0].values)


def test_columns__by_usual_names_or_as_asked() -> None:
    both = {"file_name": pa.array(["a"]), "clip": lists(HARD[:1]), "dino": lists(HARD[1:])}
    content = parquet(**both)

    usual = opened(content)
    assert (usual.id_column, bits(whole(content).values)) == ("file_name", bits(HARD[:1]))
    assert bits(whole(content, Columns(vectors="dino")).values) == bits(HARD[1:])
    with pytest.raises(InvalidInput, match="no “nix”; it holds “file_name”"):
        opened(content, Columns(ids="nix"))
    archive = npz(mine=HARD, ids=np.array(["a", "b"]))
    with pytest.raises(InvalidInput, match="has no vectors"):
        opened(archive)
    assert bits(whole(archive, Columns(vectors="mine")).values) == bits(HARD)


def test_ids__numbers_bytes_and_uuids_become_texts() -> None:
    uuid = UUID("0b8f6f0e-3f1c-4a52-9d7e-6c1b2a3d4e5f")
    binary = pa.array([uuid.bytes, None], type=pa.binary(16))

    assert whole(npz(ids=np.array([7, 8]), vectors=HARD)).ids == ["7", "8"]
    assert whole(npz(ids=np.array([b"a", "ä".encode()]), vectors=HARD)).ids == ["a", "ä"]
    assert whole(npz(ids=np.array([b"a", b"\xff"]), vectors=HARD)).ids == ["a", ""]
    assert whole(parquet(id=binary, vector=lists(HARD))).ids == [str(uuid), ""]
    assert whole(parquet(id=pa.array([3, None]), vector=lists(HARD))).ids == ["3", ""]
    assert whole(npy(HARD)).ids is None


def test_frames__whole_items_and_wrong_numbers() -> None:
    frames = pa.array([3, None, -1, -2, 2**40], type=pa.int64())
    content = parquet(
        id=pa.array(["v"] * 5), frame=frames, vector=lists(np.ones((5, 2), dtype=np.float32))
    )

    read = whole(content)

    assert read.frames.tolist() == [3, -1, -1, -1, -1]
    assert read.usable.tolist() == [True, True, True, False, False]
    assert [(error.path, error.found) for error in read.errors] == [
        ("rows.3.frame", "-2"),
        ("rows.4.frame", str(2**40)),
    ]
    numbers = np.array([0, -5], dtype=np.int32)
    archive = whole(npz(ids=np.array(["v", "v"]), frames=numbers, vectors=HARD))
    assert archive.usable.tolist() == [True, False]
    assert [error.path for error in archive.errors] == ["rows.1.frame"]


def test_parquet__nulls_ragged_and_empty_rows_are_named() -> None:
    rows = [[1.0, 2.0], None, [3.0], [], [4.0, None], [5.0, 6.0]]
    vectors = pa.array(rows, type=pa.list_(pa.float32()))

    read = whole(parquet(id=pa.array(list("abcdef")), vector=vectors))

    assert read.usable.tolist() == [True, False, False, False, False, True]
    assert read.values[read.usable].tolist() == [[1, 2], [5, 6]]
    assert {(error.path, error.code, error.found) for error in read.errors} == {
        ("rows.1.vector", "not_a_vector", "null"),
        ("rows.2.vector", "wrong_length", "1 numbers"),
        ("rows.3.vector", "wrong_length", "an empty list"),
        ("rows.4.vector.1", "not_a_number", "null"),
    }


def test_parquet__nulls_in_lists_of_fixed_size() -> None:
    vectors = pa.array([[1.0, None], None, [3.0, 4.0]], type=pa.list_(pa.float32(), 2))

    read = whole(parquet(id=pa.array(list("abc")), vector=vectors))

    assert read.usable.tolist() == [False, False, True]
    assert read.values[2].tolist() == [3, 4]
    assert {error.path for error in read.errors} == {"rows.0.vector.1", "rows.1.vector"}


def test_parquet__columns_of_one_table_slice() -> None:
    matrix = np.arange(2000, dtype=np.float32).reshape(1000, 2)
    file = io.BytesIO()
    table = pa.table({"id": pa.array([str(n) for n in range(1000)]), "vector": lists(matrix)})
    pa.parquet.write_table(table.slice(7, 500), file, row_group_size=64)

    assert bits(whole(file.getvalue()).values) == bits(matrix[7:507])


def test_structured_npy__without_a_matrix_is_refused() -> None:
    assert whole(structured(["a", "b"], HARD)).ids == ["a", "b"]
    flat = np.array([("a", 1.0)], dtype=[("id", "U3"), ("vector", "<f4")])
    with pytest.raises(InvalidInput, match="has 1 axes"):
        open_vectors(io.BytesIO(npy(flat)))


def test_read_ahead__gives_all_in_order_one_step_ahead() -> None:
    read: list[int] = []

    def batches() -> Iterator[int]:
        for number in range(4):
            read.append(number)
            yield number

    used = []
    for number in read_ahead(batches()):
        used.append(number)
        # The next one at most: memory holds two batches.
        assert len(read) <= number + 2

    assert used == [0, 1, 2, 3]


def test_read_ahead__raises_where_reading_does() -> None:
    def batches() -> Iterator[int]:
        yield 1
        raise InvalidInput("The file ends early.")

    ahead = read_ahead(batches())

    assert next(ahead) == 1
    with pytest.raises(InvalidInput, match="ends early"):
        next(ahead)
