"""Operations that behave as hostile files make decoders behave."""

import os
import signal
import time
from typing import IO, Any

from folders.media.errors import UnreadableMedia

Result = tuple[dict[str, Any], dict[str, bytes]]


def echo(file: IO[bytes], **arguments: Any) -> Result:
    """What the file holds, read in pieces from its end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 10))
    tail = file.read()
    file.seek(0)
    return {"size": size, "pid": os.getpid(), **arguments}, {"all": file.read(), "tail": tail}


def refuse(file: IO[bytes]) -> Result:
    """Refuse the file."""
    raise UnreadableMedia("It has no strings.")


def fail(file: IO[bytes]) -> Result:
    """Have a defect."""
    raise RuntimeError("a defect")


def loop(file: IO[bytes]) -> Result:
    """Compute for ever, within C."""
    return {"never": sum(iter(int, 1))}, {}


def swallow(file: IO[bytes]) -> Result:
    """Take all memory."""
    taken = bytearray(64 * 1024**3)
    return {"never": len(taken)}, {}


def crash(file: IO[bytes]) -> Result:
    """Crash, as a broken library does."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}, {}


def killed(file: IO[bytes]) -> Result:
    """Be chosen by a system that has run out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return {}, {}


def rest(file: IO[bytes], seconds: float) -> Result:
    """Take time, but none of computing."""
    time.sleep(seconds)
    return {"pid": os.getpid()}, {}


def look_around(file: IO[bytes]) -> Result:
    """What can be found of secrets."""
    return {"environment": sorted(os.environ)}, {}
