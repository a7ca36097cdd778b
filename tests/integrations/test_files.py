"""Remote objects as files."""

import dataclasses
import io
import os
import random
from collections.abc import Callable
from typing import IO

import pytest
from PIL import Image

from folders.media.errors import UnreadableMedia
from folders.media.image import read_image
from integrations.errors import ObjectUnavailable, ObjectUnreachable
from integrations.fetching.files import BLOCK, BLOCKS_KEPT, MAX_BLOCKS_AT_ONCE, open_remote
from integrations.fetching.objects import ObjectRequest
from integrations.guard import FetchPolicy
from tests.folders.media_files import png
from tests.integrations.web_server import WebServer

Open = Callable[[str], IO[bytes]]

CONTENT = random.Random(7).randbytes(5 * BLOCK + 1234)


@pytest.fixture
def open_url(policy: FetchPolicy) -> Open:
    """Opens an address."""
    return lambda url: open_remote(lambda: ObjectRequest(url), policy)


def test_range_file__small_object_takes_one_request(web: WebServer, open_url: Open) -> None:
    url = web.add("/owl.png", content=b"owl" * 1000)

    with open_url(url) as file:
        assert file.read() == b"owl" * 1000
        assert file.seek(0) == 0
        assert file.read(3) == b"owl"

    assert web.ranges == [f"bytes=0-{BLOCK - 1}"]


def test_range_file__reads_as_a_local_file_does(web: WebServer, open_url: Open) -> None:
    url = web.add("/a", content=CONTENT)
    local, draw = io.BytesIO(CONTENT), random.Random(3)

    with open_url(url) as file:
        assert file.readable()
        assert file.seekable()
        assert not file.writable()
        for _ in range(200):
            place = draw.randrange(len(CONTENT) + 10)
            length = draw.choice([0, 1, 100, BLOCK, 3 * BLOCK])
            assert file.seek(place) == local.seek(place)
            assert file.read(length) == local.read(length)
            assert file.tell() == local.tell()
        assert file.seek(-5, os.SEEK_END) == local.seek(-5, os.SEEK_END)
        assert file.read() == local.read()
        assert file.seek(-1, os.SEEK_CUR) == len(CONTENT) - 1
        with pytest.raises(ValueError, match="before the beginning"):
            file.seek(-1)


def test_range_file__reading_on_asks_for_more_at_once(web: WebServer, open_url: Open) -> None:
    content = CONTENT * 5
    url = web.add("/a", content=content)

    with open_url(url) as file:
        read = b"".join(iter(lambda: file.read(100_000), b""))

    assert read == content
    sizes = [1 + int(end) - int(start) for start, end in (_ends(r) for r in web.ranges)]
    assert [size // BLOCK for size in sizes[:5]] == [1, 2, 4, 8, MAX_BLOCKS_AT_ONCE]
    assert len(web.asked) < 10


def test_range_file__seeking_asks_for_single_blocks_and_keeps_them(
    web: WebServer, open_url: Open
) -> None:
    url = web.add("/a", content=CONTENT)

    with open_url(url) as file:
        for place in (4 * BLOCK, 10, 4 * BLOCK + 7, 5):
            file.seek(place)
            file.read(10)

    assert web.ranges == [f"bytes=0-{BLOCK - 1}", f"bytes={4 * BLOCK}-{5 * BLOCK - 1}"]


def test_range_file__keeps_a_bounded_number_of_blocks(web: WebServer, open_url: Open) -> None:
    url = web.add("/a", content=bytes((BLOCKS_KEPT + 20) * BLOCK))

    with open_url(url) as file:
        while file.read(BLOCK):
            assert len(file._blocks) <= BLOCKS_KEPT  # type: ignore[attr-defined]


def test_range_file__change_between_reads_is_noticed(web: WebServer, open_url: Open) -> None:
    url = web.add("/a", content=CONTENT)

    file = open_url(url)
    web.add("/a", content=CONTENT[::-1], etag='"two"')
    file.seek(3 * BLOCK)

    with pytest.raises(ObjectUnreachable, match="changed while it was read"):
        file.read(10)

    assert web.asked[-1][1]["If-Range"] == '"one"'


@pytest.mark.parametrize("etags", [('W/"one"', 'W/"two"'), ("", "")])
def test_range_file__change_is_noticed_without_strong_tags(
    web: WebServer, open_url: Open, etags: tuple[str, str]
) -> None:
    """By a weak tag, or by the size where there is none."""
    url = web.add("/a", content=CONTENT, etag=etags[0])

    file = open_url(url)
    web.add("/a", content=CONTENT + b"more", etag=etags[1])
    file.seek(3 * BLOCK)

    with pytest.raises(ObjectUnreachable, match="changed while it was read"):
        file.read(10)

    assert "If-Range" not in web.asked[-1][1]


def test_range_file__request_is_made_anew_for_each_range(
    web: WebServer, policy: FetchPolicy
) -> None:
    """Signatures expire."""
    web.add("/a", content=CONTENT)
    number = iter(range(10))

    def locate() -> ObjectRequest:
        return ObjectRequest(web.url(f"/a?signature={next(number)}"))

    with open_remote(locate, policy) as file:
        file.seek(3 * BLOCK)
        file.read(10)

    assert [path for path, _ in web.asked] == ["/a?signature=0", "/a?signature=1"]


def test_range_file__empty_object(web: WebServer, open_url: Open) -> None:
    with open_url(web.add("/a", content=b"")) as file:
        assert file.read() == b""


def test_range_file__failure_is_told_instead_of_what_the_decoder_made_of_it(
    web: WebServer, open_url: Open
) -> None:
    """Pillow says that the file is damaged; in truth the server is away, and may come back."""
    noise = Image.frombytes("RGB", (1200, 1200), CONTENT[: 1200 * 1200 * 3])
    buffer = io.BytesIO()
    noise.save(buffer, "PNG", compress_level=0)
    url = web.add("/a", content=buffer.getvalue())

    file = open_url(url)
    web.add("/a", status=503)

    with pytest.raises(ObjectUnreachable, match="busy"), file:
        read_image(file, max_side=256, max_pixels=10**8)


def test_range_file__errors_of_the_content_stay_what_they_are(
    web: WebServer, open_url: Open
) -> None:
    url = web.add("/a", content=png()[:60])

    with pytest.raises(UnreadableMedia), open_url(url) as file:
        read_image(file, max_side=256, max_pixels=10**8)


def test_open__without_ranges_goes_by_a_temporary_file(web: WebServer, open_url: Open) -> None:
    url = web.add("/a", content=CONTENT * 2, ranges=False)

    with open_url(url) as file:
        file.seek(4 * BLOCK)
        assert file.read(1000) == CONTENT[4 * BLOCK : 4 * BLOCK + 1000]
        assert file.seek(0, os.SEEK_END) == 2 * len(CONTENT)

    assert len(web.asked) == 1


@pytest.mark.parametrize("ranges", [True, False])
def test_open__too_large_is_refused_before_it_is_read(
    web: WebServer, policy: FetchPolicy, ranges: bool
) -> None:
    url = web.add("/a", content=CONTENT, ranges=ranges)
    small = dataclasses.replace(policy, max_bytes=3 * 2**20)

    with pytest.raises(ObjectUnavailable, match=r"The object has 5\.0 MB; 3 MB is the limit\."):
        open_remote(lambda: ObjectRequest(url), small)


def test_open__too_large_without_saying_so_ends_at_the_limit(
    web: WebServer, policy: FetchPolicy
) -> None:
    url = web.add("/a", content=CONTENT * 4, ranges=False, say_length=False)

    with pytest.raises(ObjectUnavailable, match="2 MB is the limit"):
        open_remote(lambda: ObjectRequest(url), dataclasses.replace(policy, max_bytes=2 * 2**20))


@pytest.mark.parametrize(
    "content_range",
    ["bytes 5-9/10", "bytes 0-9/*", "items 0-9/10", ""],
)
def test_open__ranges_that_make_no_sense(
    web: WebServer, open_url: Open, content_range: str
) -> None:
    url = web.add("/a", content=b"x" * 10, status=206, headers={"Content-Range": content_range})

    with pytest.raises(ObjectUnavailable, match="range"):
        open_url(url)


@pytest.mark.parametrize("length", [5, 20])
def test_open__other_length_than_said(web: WebServer, open_url: Open, length: int) -> None:
    headers = {"Content-Range": "bytes 0-9/10"}
    url = web.add("/a", content=b"x" * length, status=206, headers=headers)

    with pytest.raises(ObjectUnreachable, match="another number of bytes"):
        open_url(url)


def _ends(text: str) -> list[str]:
    return text.removeprefix("bytes=").split("-")
