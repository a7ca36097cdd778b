"""What a reduction needs to go on after its worker died: arrays in files of the worker's host.

A successor on another host finds nothing and begins anew, with the same end.
"""

import shutil
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from embeddings.reductions import Arrays

_UNITS = "units"
# What changes all the while is saved again after this time, and after ten times what saving took.
_INTERVAL_SECONDS = 2.0
_LONGEST_SHARE = 10
# Left behind by runs that nobody took up again.
_KEPT_SECONDS = 7 * 24 * 3600


class Checkpoints:
    """The memory of one reduction; see embeddings.reductions.live."""

    def __init__(self, reduction_id: UUID) -> None:
        """Read and write nothing yet."""
        self._folder = _root() / str(reduction_id)
        self._next: dict[str, float] = {}

    def begin(self, unit_ids: NDArray[np.int64], revision: int) -> int:
        """Keep what is there if it is of the same units, else forget it.

        Returns:
            The revision that the kept arrays are of, or else the one that was given.
        """
        _forget_old()
        kept = self.load(_UNITS)
        if kept is not None and np.array_equal(kept["ids"], unit_ids):
            return int(kept["revision"])
        self.forget()
        self.save(_UNITS, {"ids": unit_ids, "revision": np.array(revision)})
        return revision

    def load(self, name: str) -> Arrays | None:
        """What was saved under a name; None when nothing was, or when it cannot be read."""
        try:
            path = self._folder / f"{name}.npz"
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return dict(arrays)
        except (OSError, ValueError, zipfile.BadZipFile):
            return None

    def save(self, name: str, arrays: Arrays) -> None:
        """Write all of the arrays or none."""
        started = time.monotonic()
        self._folder.mkdir(parents=True, exist_ok=True)
        half = self._folder / f"{name}.half.npz"
        np.savez(half, allow_pickle=False, **arrays)
        half.replace(self._folder / f"{name}.npz")
        took = time.monotonic() - started
        self._next[name] = time.monotonic() + max(_INTERVAL_SECONDS, _LONGEST_SHARE * took)

    def is_due(self, name: str) -> bool:
        """Whether it is some seconds since it was saved; the first time comes as late."""
        return time.monotonic() >= self._next.setdefault(name, time.monotonic() + _INTERVAL_SECONDS)

    def forget(self) -> None:
        """The reduction is over."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _root() -> Path:
    return Path(settings.KINDRED_DATA) / "reductions"


def _forget_old() -> None:
    with suppress(OSError):
        for folder in _root().iterdir():
            if time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
