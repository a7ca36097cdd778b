"""Where matrix files lie on this host, and who may change them.

<data>/matrices/<root>-<key>/     manifest.json, segments, `used`, `checked`
<data>/matrices/locks/            one lock file per set; never removed, lest two hold it
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings

_LOCKS = "locks"
_USED = "used"
# Searches come by the second; when a set was last used is wanted to the minute.
_USE_INTERVAL_SECONDS = 60


def base_folder() -> Path:
    """The folder of all matrix files."""
    return Path(settings.KINDRED_DATA) / "matrices"


def set_folder(root_id: UUID, key_id: int) -> Path:
    """The folder of one set's files, whether it is there or not."""
    return base_folder() / f"{root_id.hex}-{int(key_id)}"


def set_of_folder(folder: Path) -> tuple[UUID, int] | None:
    """(root id, key id) of a set's folder; None of any other folder."""
    root, _, key = folder.name.partition("-")
    try:
        return UUID(hex=root), int(key)
    except ValueError:
        return None


def set_folders() -> list[Path]:
    """The folders of all sets that have files on this host."""
    with suppress(FileNotFoundError):
        return sorted(one for one in base_folder().iterdir() if set_of_folder(one))
    return []


@contextmanager
def locked(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the right to change a set's files, among all processes of this host.

    Gives whether it is held: without `wait`, not when somebody else holds it. The kernel lets go of
    it when its holder dies.
    """
    lock = _lock_file(folder)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def is_busy(folder: Path) -> bool:
    """Whether somebody is changing a set's files at this moment."""
    lock = _lock_file(folder)
    if not lock.exists():
        return False
    with locked(folder, wait=False) as held:
        return not held


def note_use(folder: Path) -> None:
    """Note that the set was searched just now."""
    used = folder / _USED
    with suppress(FileNotFoundError):
        if time.time() - last_use(folder) > _USE_INTERVAL_SECONDS:
            used.touch()


def last_use(folder: Path) -> float:
    """When the set was last searched, in seconds since 1970; 0 when never."""
    try:
        return (folder / _USED).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def bytes_of(folder: Path) -> int:
    """What the files of a set take up."""
    total = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                total += entry.stat().st_size
    return total


def throw_away(folder: Path) -> None:
    """Remove the files of a set; who has mapped them may go on reading. The lock is held."""
    shutil.rmtree(folder, ignore_errors=True)


def _lock_file(folder: Path) -> Path:
    return folder.parent / _LOCKS / f"{folder.name}.lock"
