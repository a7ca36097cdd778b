"""The matrices that this process has mapped; each is mapped once and shared by all threads."""

import logging
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from uuid import UUID

from embeddings.matrix_files.errors import DamagedFile
from embeddings.matrix_files.folders import locked, note_use, set_folder, throw_away
from embeddings.matrix_files.manifest import NAME
from embeddings.matrix_files.mapped import MappedMatrix, open_matrix_folder

# Each holds some 35 bytes of memory a row beside what is mapped.
_MAX_OPEN = 16
_Identity = tuple[int, int, int]
logger = logging.getLogger(__name__)


class MatrixStore:
    """Hands out mapped matrices; a manifest that was replaced is noticed at the next look."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._open: OrderedDict[Path, tuple[_Identity, MappedMatrix]] = OrderedDict()

    def find(self, root_id: UUID, key_id: int) -> MappedMatrix | None:
        """The present matrix of a set, which may lag behind it; None when there is no file.

        A damaged one is thrown away.
        """
        folder = set_folder(root_id, key_id)
        identity = _identity(folder)
        with self._lock:
            if identity is None:
                self._open.pop(folder, None)
                return None
            known = self._open.get(folder)
            if known is None or known[0] != identity:
                matrix = _open(folder)
                if matrix is None:
                    self._open.pop(folder, None)
                    return None
                known = self._open[folder] = (identity, matrix)
            self._open.move_to_end(folder)
            while len(self._open) > _MAX_OPEN:
                self._open.popitem(last=False)
        note_use(folder)
        return known[1]


def _identity(folder: Path) -> _Identity | None:
    try:
        status = (folder / NAME).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _open(folder: Path) -> MappedMatrix | None:
    try:
        return open_matrix_folder(folder)
    except FileNotFoundError:
        return None
    except DamagedFile as damage:
        logger.warning("Matrix files in %s are thrown away: %s", folder, damage)
        with locked(folder, wait=False) as held:
            if held:
                throw_away(folder)
        return None


STORE = MatrixStore()
"""The one of this process."""
