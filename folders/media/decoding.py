"""Decoding in processes of their own, so that no file can harm the one that asks.

    result = decode(file, "folders.media.operations:measure_image", {...})

Each process that decodes (a worker, a web process) keeps up to DECODERS of them, started when they
are first needed. Whoever finds all of them busy waits: that is the bound on concurrent decoding.
"""

import atexit
import io
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, Final

from folders.media.errors import DecoderFailed, DecodersBusy, UnreadableMedia
from folders.media.limits import DECODE_SECONDS, FIRST_BYTES
from folders.media.wire import Channel

DECODERS: Final = 2
# Who asks for a picture on a page has gone by then.
WAIT_SECONDS: Final = 30.0

_ROOT = Path(__file__).resolve().parents[2]
_MODULE = "folders.media.decoder"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What an operation made of a file: values, and files by name."""

    values: dict[str, Any]
    files: dict[str, bytes]


def decode(
    file: IO[bytes],
    operation: str,
    arguments: dict[str, Any] | None = None,
    *,
    wait: float = WAIT_SECONDS,
    seconds: float = DECODE_SECONDS,
) -> Decoded:
    """Have a decoder carry out an operation on a file.

    Args:
        file: open and seekable; it is read as far as the operation wants it.
        operation: "module:function" of a function `(file, **arguments) -> (values, files)`.
        arguments: for it, as JSON can hold them.
        wait: for so long for a free decoder.
        seconds: computing time that the file is given.

    Raises:
        UnreadableMedia: the file cannot be read, or takes too much time or memory.
        DecodersBusy: all decoders were busy all the time.
        DecoderFailed: an operation has a defect; the traceback is its message.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    first = file.read(FIRST_BYTES)
    request = {
        "operation": operation,
        "arguments": arguments or {},
        "size": size,
        "seconds": seconds,
    }
    return _pool.run(file, request, first, wait=wait)


@dataclass
class _Pool:
    """The decoders of this process."""

    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(DECODERS))
    idle: list["_Decoder"] = field(default_factory=list)

    def run(
        self, file: IO[bytes], request: dict[str, Any], first: bytes, *, wait: float
    ) -> Decoded:
        """Carry the request out as soon as a decoder is free."""
        if not self.slots.acquire(timeout=wait):
            raise DecodersBusy(f"All decoders were busy for {wait:g} s.")
        try:
            decoder = self.idle.pop() if self.idle else _Decoder()
            # Kept only if it ends well: after an error nobody knows where the line stands.
            try:
                answer, files = decoder.ask(file, request, first)
            except BaseException:
                decoder.end()
                raise
            self.idle.append(decoder)
        finally:
            self.slots.release()
        return _result(answer, files)


class _Decoder:
    """One process, and the line to it."""

    def __init__(self) -> None:
        self._seconds: float = DECODE_SECONDS
        ours, theirs = socket.socketpair()
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(_ROOT),
            "OPENBLAS_NUM_THREADS": "1",
        }
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - nothing of it comes from users
                [sys.executable, "-s", "-m", _MODULE, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Libraries write their complaints about files there.
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=_ROOT,
            )
        self._channel = Channel(ours.detach())

    def ask(
        self, file: IO[bytes], request: dict[str, Any], first: bytes
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Send the request and read the file for the decoder until it answers."""
        self._seconds = request["seconds"]
        try:
            self._channel.send(request, [first])
        except OSError as error:
            raise UnreadableMedia(self._epitaph()) from error
        while True:
            answer, files = self._receive()
            if "read" not in answer:
                return answer, files
            offset, count = answer["read"]
            file.seek(offset)
            # Whatever the store raises goes to the caller.
            content = file.read(count)
            self._send(content)

    def end(self) -> None:
        """Kill the process, if it still lives."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _send(self, content: bytes) -> None:
        try:
            self._channel.send({}, [content])
        except OSError as error:
            raise UnreadableMedia(self._epitaph()) from error

    def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        try:
            return self._channel.receive()
        except (EOFError, OSError) as error:
            raise UnreadableMedia(self._epitaph()) from error

    def _epitaph(self) -> str:
        """Why the process has ended, as a sentence about the file."""
        status = self._process.wait()
        match -status:
            case signal.SIGPROF:
                return f"Reading the file took more than {self._seconds:g} s of computing."
            case signal.SIGKILL:
                return "The system stopped reading the file, most likely for want of memory."
            case number if number > 0:
                return f"Reading the file brought the decoder down ({signal.Signals(number).name})."
            case _:
                return f"Reading the file brought the decoder down (status {status})."


def _result(answer: dict[str, Any], files: list[bytes]) -> Decoded:
    if "refused" in answer:
        raise UnreadableMedia(answer["refused"])
    if "error" in answer:
        raise DecoderFailed(answer["error"])
    return Decoded(answer["values"], dict(zip(answer["names"], files, strict=True)))


_pool = _Pool()


@atexit.register
def end_decoders() -> None:
    """End the idle decoders of this process; they would end with it anyway."""
    while _pool.idle:
        _pool.idle.pop().end()


def _forget() -> None:
    """A forked process must not speak on its parent's lines."""
    global _pool  # noqa: PLW0603
    _pool = _Pool()


os.register_at_fork(after_in_child=_forget)
