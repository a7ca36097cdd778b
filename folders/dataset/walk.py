"""Which files of a directory are media, and which are sidecars. Knows no database."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from folders.kinds import kind_for_mime
from folders.media.sniff import SNIFF_BYTES, sniff

SIDECAR: Final = ".metadata.json"
# Files of these names are taken for media even if nobody knows their content: a picture that is
# damaged must be seen to be.
_SUFFIXES: Final = frozenset(
    (
        *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic"),
        *(".jp2", ".mp4", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".m4v", ".ogv"),
    )
)


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One media file.

    Attributes:
        path: where it lies.
        relative: its path within the directory, with slashes.
        sidecar: the file with its metadata, if there is one.
    """

    path: Path
    relative: str
    sidecar: Path | None = None

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.relative.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path of its folder within the directory; empty for the directory itself."""
        return self.relative.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """Its path within the directory without the suffix of the name."""
        return str(PurePosixPath(self.relative).with_suffix(""))


@dataclass(slots=True)
class Directory:
    """What a directory holds: media in the order of their paths, and what is passed over."""

    files: list[DatasetFile] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def walk(root: Path) -> Directory:
    """All media below a directory, in the order of their paths (by code points).

    Hidden files and folders are left out, links to folders are not followed.

    Raises:
        OSError: the directory, or one in it, cannot be read.
    """
    found = Directory()
    for folder, names in _folders(root):
        sidecars = {name for name in names if name.endswith(SIDECAR)}
        used: set[str] = set()
        for name in names:
            if name in sidecars:
                continue
            relative = (folder / name).relative_to(root).as_posix()
            if not _is_media(folder / name):
                found.passed_over.append(relative)
                continue
            sidecar = _sidecar_of(name, sidecars)
            used |= {sidecar} if sidecar else set()
            path = folder / sidecar if sidecar else None
            found.files.append(DatasetFile(folder / name, relative, path))
        unused = sorted(sidecars - used)
        found.passed_over += [(folder / name).relative_to(root).as_posix() for name in unused]
    found.files.sort(key=lambda file: file.relative)
    return found


def _folders(root: Path) -> Iterator[tuple[Path, list[str]]]:
    def fail(error: OSError) -> None:
        raise error

    for folder, subfolders, names in os.walk(root, onerror=fail):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield Path(folder), sorted(name for name in names if not name.startswith("."))


def _is_media(path: Path) -> bool:
    if path.suffix.lower() in _SUFFIXES:
        return path.is_file()
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return kind_for_mime(sniff(file.read(SNIFF_BYTES))) is not None


def _sidecar_of(name: str, sidecars: set[str]) -> str | None:
    """`owl.jpg.metadata.json`, else `owl.metadata.json`."""
    for base in (name, name.rpartition(".")[0]):
        if base and f"{base}{SIDECAR}" in sidecars:
            return f"{base}{SIDECAR}"
    return None
