"""Files that are broken or made to do harm: refused in words, quickly, and without much memory."""

import io
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from core.errors import InvalidInput
from embeddings.bulk import Columns
from embeddings.bulk.rows import MAX_ROWS
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

MATRIX = np.arange(2000, dtype=np.float32).reshape(500, 4)
IDS = [f"image-{number}.png" for number in range(500)]


class Trap:
    """Unpickled, it writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def header(shape: str, descr: str = "'<f4'", *, order: str = "False") -> bytes:
    """A .npy file of a header alone."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def zipped(**entries: bytes) -> bytes:
    """An archive of files that numpy would not write."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


@pytest.mark.parametrize("pack", [npy, lambda array: npz(ids=array, vectors=MATRIX)])
def test_pickles__are_refused_and_never_run(pack: Any, tmp_path: Path) -> None:
    trap = tmp_path / "trapped"
    array = np.array([Trap(trap)] * 500, dtype=object)

    with pytest.raises(InvalidInput, match="would have to be unpickled"):
        whole(pack(array))

    assert not trap.exists()


def test_pickle__in_place_of_a_file(tmp_path: Path) -> None:
    trap = tmp_path / "trapped"

    for content in (pickle.dumps(Trap(trap)), zipped(vectors=pickle.dumps(Trap(trap)))):
        with pytest.raises(InvalidInput):
            whole(content)

    assert not trap.exists()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_truncated__is_refused(form: str, share: float) -> None:
    content = made(form, IDS, MATRIX)

    with pytest.raises(InvalidInput):
        whole(content[: int(len(content) * share)])


@pytest.mark.parametrize("form", FORMATS)
def test_flipped_bytes__are_read_or_refused(form: str) -> None:
    content = made(form, IDS, MATRIX)
    generator = np.random.default_rng(1)

    for _ in range(150):
        broken = bytearray(content)
        for place in generator.integers(0, len(broken), 3):
            broken[place] = int(generator.integers(0, 256))
        try:
            read = whole(bytes(broken))
        except InvalidInput:
            continue
        assert read.values.dtype == np.float32
        assert read.values.ndim == 2


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.int64).reshape(3, 4),
        np.array([["a", "b"]]),
        np.ones((3, 4), dtype=np.complex64),
        np.ones((3, 4), dtype=np.longdouble),
        np.ones((3, 4), dtype=bool),
        np.ones((2, 3, 4), dtype=np.float32),
        np.ones(4, dtype=np.float32),
        np.float32(1),
        np.ones((3, 0), dtype=np.float32),
        np.ones((3, 4097), dtype=np.float32),
        np.array([("a", [[1.0]])], dtype=[("id", "U3"), ("vector", "<f4", (1, 1))]),
        np.array([(["a", "b"], [1.0])], dtype=[("id", "U3", 2), ("vector", "<f4", 1)]),
    ],
)
def test_other_arrays__are_refused(array: npt.NDArray[Any]) -> None:
    with pytest.raises(InvalidInput):
        whole(npy(array))
    with pytest.raises(InvalidInput):
        whole(npz(vectors=np.asarray(array)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00\x10\x00" + b" " * 16,
        b"PK\x03\x04" + bytes(40),
        b"PAR1" + bytes(100) + b"PAR1",
        b"PAR1\xff\xff\xff\x7fPAR1",
        b"GIF89a",
        b'{"ids": []}',
        header("(-1, 4)"),
        header("(10, -4)"),
        header("(True, 4)"),
        header("(10, 4"),
        header("__import__('os').getcwd()"),
        header("(10, 4)", "'|O'"),
        header("(10, 4)", "'<f4' * 100"),
        header("(1,)", "[('vector', '<f4', (99999999,))]"),
        header("(1,)", "[('vector', '<f4', (4,)), ('waste', '|V999999999')]"),
        header("(" * 400 + ")" * 400),
    ],
)
def test_forged_headers__are_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        whole(content)


def test_sizes_that_lie__take_no_memory() -> None:
    huge = header(f"({MAX_ROWS}, 4096)")
    tracemalloc.start()
    try:
        for content in (
            huge,
            header("(99999999999, 4096)"),
            header(f"({MAX_ROWS}, 4096)", order="True"),
            zipped(vectors=huge, ids=header(f"({MAX_ROWS},)", "'<U2000'")),
            zipped(vectors=huge, ids=header(f"({MAX_ROWS},)", "'<U200000'")),
        ):
            with pytest.raises(InvalidInput):
                whole(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_zip_bomb__is_streamed() -> None:
    zeros = header("(60000, 1024)") + bytes(60_000 * 4096)
    bomb = zipped(vectors=zeros)
    del zeros
    assert len(bomb) < 1_000_000

    tracemalloc.start()
    try:
        rows = sum(len(batch) for batch in opened(bomb).batches())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert rows == 60_000
    assert peak < 40 * 1024 * 1024


def test_archives__that_are_locked_or_damaged() -> None:
    content = bytearray(npz(ids=np.array(IDS), vectors=MATRIX))
    locked = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := locked.find(signature, start)) >= 0:
            locked[start + offset] |= 1
            start += 4
    with pytest.raises(InvalidInput, match="cannot be unpacked"):
        whole(bytes(locked))
    assert not zipfile.ZipFile(io.BytesIO(npz(vectors=MATRIX))).testzip()


def test_rows__that_do_not_match_or_go_on() -> None:
    with pytest.raises(InvalidInput, match="“ids” has 499 rows, “vectors” 500"):
        whole(npz(ids=np.array(IDS[:-1]), vectors=MATRIX))
    with pytest.raises(InvalidInput, match="goes on after its 500 rows"):
        whole(npy(MATRIX) + b"more")


def test_ids__longer_than_any_address_are_refused() -> None:
    with pytest.raises(InvalidInput, match="longer than 2048 characters"):
        whole(structured(["a"], MATRIX[:1], width=3000))
    with pytest.raises(InvalidInput, match="is no list of ids"):
        whole(npz(ids=np.ones(500), vectors=MATRIX))
    with pytest.raises(InvalidInput, match="is no list of frame numbers"):
        whole(npz(ids=np.array(IDS), frames=np.ones(500), vectors=MATRIX))


def test_parquet__of_other_types() -> None:
    ids = pa.array(IDS)
    words = pa.array([["a"]] * 500)
    with pytest.raises(InvalidInput, match="lists of string"):
        whole(parquet(id=ids, vector=words))
    with pytest.raises(InvalidInput, match="No column holds lists"):
        whole(parquet(id=ids))
    with pytest.raises(InvalidInput, match="vectors are lists of floats"):
        whole(parquet(id=ids, vector=ids), Columns(vectors="vector"))
    with pytest.raises(InvalidInput, match="ids are texts or whole numbers"):
        whole(parquet(id=pa.array([1.5] * 500), vector=lists(MATRIX)))
    with pytest.raises(InvalidInput, match="frames are whole numbers"):
        whole(parquet(id=ids, frame=pa.array([1.5] * 500), vector=lists(MATRIX)))


def test_parquet__of_impossible_lengths() -> None:
    long = pa.array([[0.0] * 5000] * 2, type=pa.list_(pa.float32()))
    with pytest.raises(InvalidInput, match="4096"):
        whole(parquet(id=pa.array(["a", "b"]), vector=long))
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(5000, dtype=np.float32)), 5000)
    with pytest.raises(InvalidInput, match="4096"):
        whole(parquet(id=pa.array(["a"]), vector=fixed))


@pytest.mark.parametrize("form", FORMATS)
def test_empty_files__have_no_rows(form: str) -> None:
    none: Any = np.zeros((0, 4), dtype=np.float32)

    file = opened(made(form, [], none))

    assert file.rows == 0
    assert sum(len(batch) for batch in file.batches()) == 0
