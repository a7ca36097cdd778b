"""Keeps matrix files within the disk budget, and those of sets that are gone off the disk."""

from pathlib import Path

import psutil
from django.conf import settings

from embeddings.matrix_files.folders import (
    bytes_of,
    last_use,
    locked,
    set_folders,
    set_of_folder,
    throw_away,
)
from embeddings.models import VectorSet

# Up to here PostgreSQL answers as quickly.
MIN_ROWS = 2000
_MEGABYTE = 1024 * 1024
# Ids, norms, and what appended segments take for a while.
_OVERHEAD = 1.1


def disk_budget() -> int:
    """Bytes that all files together may take up."""
    return int(settings.MATRIX_DISK_MB) * _MEGABYTE


def memory_budget() -> int:
    """Bytes of a matrix that may be searched: more would be read from the disk for each search."""
    megabytes = int(settings.MATRIX_MEMORY_MB)
    return megabytes * _MEGABYTE if megabytes else psutil.virtual_memory().total // 2


def is_worth_a_file(rows: int, dimensions: int) -> bool:
    """Whether searches gain by a file: PostgreSQL is as quick with few rows."""
    return rows >= MIN_ROWS and expected_bytes(rows, dimensions) <= memory_budget()


def expected_bytes(rows: int, dimensions: int) -> int:
    """About what the file of a set takes up."""
    return int(rows * (4 * dimensions + 16) * _OVERHEAD)


def keep_within_budget(keep: Path) -> list[Path]:
    """Remove files of sets that are gone, then those used least lately; returns their folders.

    Args:
        keep: the folder of the set that is being worked on; its lock is held.
    """
    removed = [folder for folder in _orphans(keep) if _remove(folder)]
    sizes = {folder: bytes_of(folder) for folder in set_folders()}
    total = sum(sizes.values())
    for folder in sorted(sizes, key=last_use):
        if total <= disk_budget():
            break
        if folder != keep and _remove(folder):
            removed.append(folder)
            total -= sizes[folder]
    return removed


def _orphans(keep: Path) -> list[Path]:
    there = set(VectorSet.objects.values_list("root_id", "key_id"))
    return [one for one in set_folders() if one != keep and set_of_folder(one) not in there]


def _remove(folder: Path) -> bool:
    """Remove a set's files unless somebody is working on them."""
    with locked(folder, wait=False) as held:
        if held:
            throw_away(folder)
        return held
