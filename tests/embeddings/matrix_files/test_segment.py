"""Segments: what is written is read, and what was damaged is noticed."""

from pathlib import Path

import numpy as np
import pytest

from embeddings.matrix_files.errors import DamagedFile
from embeddings.matrix_files.segment import SEGMENT_ROWS, SegmentWriter, is_sound, open_segment

HEADER = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A segment of five rows in three dimensions, written in two blocks."""
    path = tmp_path / "some.rows"
    values = np.arange(15, dtype=np.float32).reshape(5, 3)
    with SegmentWriter(path, 3) as writer:
        writer.append(np.array([2, 3, 5]), np.array([0.5, 1.5, 2.5]), values[:3])
        writer.append(np.array([7, 11]), np.array([3.5, 4.5]), values[3:])
    return path


def overwrite(path: Path, place: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(data)


def test_segment__comes_back_as_it_was_written(path: Path) -> None:
    segment = open_segment(path)

    assert segment.values.tolist() == np.arange(15).reshape(5, 3).tolist()
    assert segment.values.dtype == np.float32
    assert segment.unit_ids.tolist() == [2, 3, 5, 7, 11]
    assert segment.norms.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert is_sound(segment)


def test_segment__is_read_only(path: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        open_segment(path).values[0, 0] = 1


def test_segment__stays_readable_when_its_file_is_removed(path: Path) -> None:
    segment = open_segment(path)
    path.unlink()

    assert segment.values.sum() == 105


def test_segment__with_changed_data_opens_but_is_not_sound(path: Path) -> None:
    overwrite(path, HEADER + 8, b"\x00\x00\x00\x41")

    assert not is_sound(open_segment(path))


@pytest.mark.parametrize("place", [0, 8, 15, 20, 25, 32])
def test_segment__with_a_changed_header_is_refused(path: Path, place: int) -> None:
    overwrite(path, place, b"\x7f")

    with pytest.raises(DamagedFile):
        open_segment(path)


@pytest.mark.parametrize("length", [0, 10, HEADER, HEADER + 60, HEADER + 60 + 80 - 1])
def test_segment__that_was_cut_off_is_refused(path: Path, length: int) -> None:
    with path.open("r+b") as file:
        file.truncate(length)

    with pytest.raises(DamagedFile):
        open_segment(path)


def test_segment__that_fails_halfway_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "other.rows"

    def write_and_fail() -> None:
        with SegmentWriter(path, 1) as writer:
            writer.append(np.array([1]), np.array([1.0]), np.ones((1, 1), dtype=np.float32))
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_and_fail()
    assert not path.exists()


def test_segment__takes_no_more_rows_than_its_limit(tmp_path: Path) -> None:
    count = SEGMENT_ROWS + 1
    values = np.zeros((count, 1), dtype=np.float32)

    with (
        pytest.raises(ValueError, match="no more rows"),
        SegmentWriter(tmp_path / "large.rows", 1) as writer,
    ):
        writer.append(np.arange(count), np.zeros(count), values)
