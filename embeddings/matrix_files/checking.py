"""Reads the data of segments once after they were written, and compares it with its checksum."""

import logging
from contextlib import suppress
from pathlib import Path

from embeddings.matrix_files.errors import DamagedFile
from embeddings.matrix_files.folders import throw_away
from embeddings.matrix_files.mapped import open_matrix_folder
from embeddings.matrix_files.segment import is_sound

_CHECKED = "checked"
logger = logging.getLogger(__name__)


def needs_check(folder: Path) -> bool:
    """Whether some segment of the set was not looked at yet."""
    with suppress(DamagedFile, FileNotFoundError):
        matrix = open_matrix_folder(folder)
        return any(segment.path.name not in _checked(folder) for segment in matrix.segments)
    return False


def check_data(folder: Path) -> bool:
    """Look at the data of segments that nobody looked at; a damaged set is thrown away.

    The caller holds the lock. Returns whether all is well.
    """
    try:
        matrix = open_matrix_folder(folder)
        checked = _checked(folder)
        for segment in matrix.segments:
            if segment.path.name not in checked and not is_sound(segment):
                raise DamagedFile(f"{segment.path.name} holds other data than was written.")
    except FileNotFoundError:
        return True
    except DamagedFile as damage:
        logger.warning("Matrix files in %s are thrown away: %s", folder, damage)
        throw_away(folder)
        return False
    names = "\n".join(segment.path.name for segment in matrix.segments)
    (folder / _CHECKED).write_text(names)
    return True


def _checked(folder: Path) -> set[str]:
    with suppress(FileNotFoundError):
        return set((folder / _CHECKED).read_text().split("\n"))
    return set()
