"""Decoders are processes of their own: no file harms the process that asks."""

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from folders.media.decoding import DECODERS, decode
from folders.media.errors import DecoderFailed, DecodersBusy, UnreadableMedia
from folders.media.limits import FIRST_BYTES

OPERATIONS = "tests.folders.faulty_operations"


def asked(operation: str, content: bytes = b"content", **options: object) -> dict[str, object]:
    """The values that an operation returns."""
    return decode(io.BytesIO(content), f"{OPERATIONS}:{operation}", options).values


def test_decode__hands_values_and_files_over() -> None:
    content = os.urandom(100)

    found = decode(io.BytesIO(content), f"{OPERATIONS}:echo", {"colour": "grün"})

    assert found.values["colour"] == "grün"
    assert found.values["size"] == 100
    assert found.values["pid"] != os.getpid()
    assert found.files == {"all": content, "tail": content[-10:]}


def test_decode__a_big_file_is_read_as_far_as_it_is_wanted(tmp_path: Path) -> None:
    content = os.urandom(3 * FIRST_BYTES + 17)
    path = tmp_path / "big"
    path.write_bytes(content)

    with path.open("rb") as file:
        found = decode(file, f"{OPERATIONS}:echo")

    assert found.files["all"] == content
    assert found.files["tail"] == content[-10:]


def test_decode__one_process_serves_many_files() -> None:
    pids = {asked("echo")["pid"] for _ in range(5)}

    assert len(pids) == 1


def test_decode__refusal_and_defect_leave_the_decoder_alive() -> None:
    before = asked("echo")["pid"]

    with pytest.raises(UnreadableMedia, match="no strings"):
        asked("refuse")
    with pytest.raises(DecoderFailed, match="RuntimeError: a defect"):
        asked("fail")

    assert asked("echo")["pid"] == before


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ("crash", r"brought the decoder down \(SIGSEGV\)"),
        ("killed", "want of memory"),
        ("swallow", "more memory than one file is given"),
    ],
)
def test_decode__what_brings_a_decoder_down_is_told(operation: str, reason: str) -> None:
    with pytest.raises(UnreadableMedia, match=reason):
        asked(operation)

    assert asked("echo")["size"] == 7


def test_decode__computing_time_is_limited_even_within_c() -> None:
    with pytest.raises(UnreadableMedia, match=r"more than 0\.3 s of computing"):
        decode(io.BytesIO(b"x"), f"{OPERATIONS}:loop", seconds=0.3)

    # Waiting is not computing.
    decode(io.BytesIO(b"x"), f"{OPERATIONS}:rest", {"seconds": 0.6}, seconds=0.3)


def test_decode__trouble_with_the_store_is_the_caller_s() -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 0:
                raise ConnectionError("the store is away")
            return super().read(size)

    with pytest.raises(ConnectionError, match="away"):
        decode(Torn(bytes(3 * FIRST_BYTES)), f"{OPERATIONS}:echo")

    assert asked("echo")["size"] == 7


def test_decode__so_many_at_once_and_no_more() -> None:
    with ThreadPoolExecutor(8) as pool:
        pids = set(pool.map(lambda _: asked("rest", seconds=0.05)["pid"], range(12)))
        assert 1 <= len(pids) <= DECODERS
        busy = [pool.submit(asked, "rest", seconds=2.0) for _ in range(DECODERS)]
        # Not this thread: it may be quicker than those that are to be busy.
        late = pool.submit(_is_refused)
        assert late.result()
        assert all(future.result() for future in busy)


def test_decode__decoders_know_no_secrets() -> None:
    names = asked("look_around")["environment"]

    assert isinstance(names, list)
    assert not [name for name in names if "KINDRED" in name or "DATABASE" in name]


def _is_refused() -> bool:
    """Whether all decoders are busy, in a moment at the latest."""
    for _ in range(100):
        try:
            decode(io.BytesIO(b"x"), f"{OPERATIONS}:echo", wait=0.01)
        except DecodersBusy:
            return True
    return False
