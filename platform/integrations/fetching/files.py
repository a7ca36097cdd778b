"""Remote objects as files: by range where the server can, else from a temporary file."""

import io
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from types import TracebackType
from typing import IO, Final, Self, cast

import httpx

from integrations.errors import ObjectUnavailable, ObjectUnreachable
from integrations.fetching.answers import fetching
from integrations.fetching.objects import ObjectRequest
from integrations.guard import FetchPolicy

BLOCK: Final = 2**20
# Blocks that one request brings while a file is read from front to back.
MAX_BLOCKS_AT_ONCE: Final = 8
BLOCKS_KEPT: Final = 24
# Of an object that is read as a whole, so much stays in memory.
_SPOOL_BYTES: Final = 8 * 2**20
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_EMPTY_RANGE: Final = re.compile(r"bytes \*/0")

Locate = Callable[[], ObjectRequest]


def open_remote(locate: Locate, policy: FetchPolicy) -> IO[bytes]:
    """Open an object for reading and seeking.

    Args:
        locate: gives the request; asked for every range anew, since signatures expire.
        policy: what the operator allows.

    Raises:
        ObjectUnavailable: it cannot be had, or is larger than the policy allows.
        ObjectUnreachable: it cannot be had just now.
    """
    with fetching(locate(), policy, headers={"Range": f"bytes=0-{BLOCK - 1}"}) as answer:
        if answer.status_code == 416 and _EMPTY_RANGE.match(
            answer.headers.get("Content-Range", "")
        ):
            return io.BytesIO()
        if answer.status_code == 200:
            return _download(answer, policy)
        start, end, size = _content_range(answer)
        if start != 0 or (end < size and end != BLOCK):
            raise ObjectUnavailable("The server sends another range than the one asked for.")
        require_size(size, policy)
        first = _read(answer, end)
        return cast("IO[bytes]", RangeFile(locate, policy, size, version_of(answer), first))


class RangeFile(io.RawIOBase):
    """A remote object that is read by ranges, with the blocks read last kept in memory.

    Decoders turn whatever a file raises into errors of their own. So a failure of the network is
    remembered, and leaving the `with` block raises it in place of what the decoder made of it.
    """

    def __init__(
        self, locate: Locate, policy: FetchPolicy, size: int, version: str, first: bytes
    ) -> None:
        super().__init__()
        self._locate = locate
        self._policy = policy
        self._size = size
        self._version = version
        self._blocks: OrderedDict[int, bytes] = OrderedDict({0: first})
        self._position = 0
        self._next_block = 1
        self._at_once = 1
        self._failure: ObjectUnavailable | ObjectUnreachable | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The present place."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place; nothing is fetched yet."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if origin + offset < 0:
            raise ValueError("There is nothing before the beginning.")
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer, except at the end."""
        wanted = memoryview(buffer).cast("B")
        done = 0
        while done < len(wanted) and self._position < self._size:
            number, offset = divmod(self._position, BLOCK)
            part = self._block(number)[offset : offset + len(wanted) - done]
            wanted[done : done + len(part)] = part
            done += len(part)
            self._position += len(part)
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        if isinstance(error, Exception) and self._failure and error is not self._failure:
            raise self._failure from error

    def close(self) -> None:
        """Forget the blocks."""
        self._blocks.clear()
        super().close()

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            try:
                self._fetch(number)
            except (ObjectUnavailable, ObjectUnreachable) as error:
                self._failure = error
                raise
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetch(self, number: int) -> None:
        """Fetch a block, and more after it when the last ones were read in order."""
        in_order = number == self._next_block
        self._at_once = min(MAX_BLOCKS_AT_ONCE, self._at_once * 2) if in_order else 1
        start = number * BLOCK
        end = min(self._size, start + self._at_once * BLOCK)
        headers = {"Range": f"bytes={start}-{end - 1}"}
        if self._version.startswith('"'):
            # A weak tag or a date cannot stand here; those are compared below.
            headers["If-Range"] = self._version
        with fetching(self._locate(), self._policy, headers=headers) as answer:
            same = answer.status_code == 206 and version_of(answer) == self._version
            if not same or _content_range(answer) != (start, end, self._size):
                raise ObjectUnreachable("The object changed while it was read.")
            content = _read(answer, end - start)
        for place in range(0, len(content), BLOCK):
            self._blocks[(start + place) // BLOCK] = content[place : place + BLOCK]
        while len(self._blocks) > BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        self._next_block = -(-end // BLOCK)


def version_of(answer: httpx.Response) -> str:
    """What tells one state of an object from another; "" when the server does not say."""
    return str(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")


def require_size(size: int, policy: FetchPolicy) -> None:
    """Raise ObjectUnavailable when an object is larger than the policy allows."""
    if size > policy.max_bytes:
        limit = policy.max_bytes / 2**20
        raise ObjectUnavailable(
            f"The object has {size / 2**20:,.1f} MB; {limit:,.0f} MB is the limit."
        )


def _content_range(answer: httpx.Response) -> tuple[int, int, int]:
    """Start, end (excluded) and whole size of a range that was sent."""
    found = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if not found:
        raise ObjectUnavailable("The server sends a range without saying which.")
    return int(found[1]), int(found[2]) + 1, int(found[3])


def _read(answer: httpx.Response, length: int) -> bytes:
    """The body, which must have this length."""
    content = bytearray()
    for chunk in answer.iter_raw():
        content += chunk
        if len(content) > length:
            break
    if len(content) != length:
        raise ObjectUnreachable("The server sent another number of bytes than it said.")
    return bytes(content)


def _download(answer: httpx.Response, policy: FetchPolicy) -> IO[bytes]:
    """The whole object in a temporary file, which is gone when it is closed."""
    said = answer.headers.get("Content-Length", "")
    if said.isdecimal():
        require_size(int(said), policy)
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115 - the caller closes
    try:
        size = 0
        for chunk in answer.iter_raw():
            size += len(chunk)
            require_size(size, policy)
            file.write(chunk)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return cast("IO[bytes]", file)
