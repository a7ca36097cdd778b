"""The process that decodes media: `python -m folders.media.decoder <descriptor>`.

It opens nothing itself and knows neither Django, database nor storage: operations and the bytes of
files come over one line, results go back. So a file that makes a decoder crash, loop or swallow all
memory costs this process, not a worker, and holds nothing that is worth stealing.

Each file gets its share of computing time, kept by the kernel (SIGPROF), which also ends loops
within C. Memory is limited for the whole process.
"""

import contextlib
import importlib
import io
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import IO, Any

from folders.media.errors import UnreadableMedia
from folders.media.limits import DECODE_BYTES, DECODE_SECONDS, READ_BYTES
from folders.media.wire import Channel


def main() -> None:
    """Serve until the other end hangs up."""
    _confine()
    channel = Channel(int(sys.argv[1]))
    while True:
        try:
            request, files = channel.receive()
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_PROF, request.get("seconds", DECODE_SECONDS))
        _serve(channel, request, files[0])
        signal.setitimer(signal.ITIMER_PROF, 0)


class RemoteFile(io.RawIOBase):
    """A file that the other end reads for us."""

    def __init__(self, channel: Channel, size: int) -> None:
        super().__init__()
        self._channel, self._size, self._at = channel, size, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is asked for."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Ask for as many bytes as the buffer takes."""
        count = min(len(buffer), self._size - self._at)
        if count <= 0:
            return 0
        self._channel.send({"read": [self._at, count]})
        _, (content,) = self._channel.receive()
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def _serve(channel: Channel, request: dict[str, Any], first: bytes) -> None:
    """Carry out one operation; whatever happens is told."""
    file: IO[bytes] = io.BytesIO(first)
    if len(first) < request["size"]:
        file = io.BufferedReader(RemoteFile(channel, request["size"]), READ_BYTES)
    try:
        module, function = request["operation"].split(":")
        operation = getattr(importlib.import_module(module), function)
        values, files = operation(file, **request["arguments"])
        channel.send({"values": values, "names": list(files)}, list(files.values()))
    except UnreadableMedia as error:
        channel.send({"refused": str(error)})
    except MemoryError:
        channel.send({"refused": "Reading the file takes more memory than one file is given."})
    except Exception:  # noqa: BLE001 - the other end is told, and raises it
        channel.send({"error": traceback.format_exc()})


def _confine() -> None:
    """Limit this process, and let it end with the one that started it rather than by signals."""
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # Not every system knows each of these.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (DECODE_BYTES, DECODE_BYTES))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # When memory runs out on the machine, this process goes first.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


if __name__ == "__main__":
    main()
