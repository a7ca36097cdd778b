"""What a matrix consists of: the one file that is replaced, by renaming, when anything changes."""

import base64
import json
import os
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from embeddings.matrix_files.errors import DamagedFile

NAME = "manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A segment as the manifest names it."""

    name: str
    rows: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A vector set at one revision.

    Attributes:
        set_id, root_id, key_id: which set; sets that are removed and made anew differ by the first.
        revision: all changes up to it are in the segments; some later ones may be.
        stamp: when the last of these changes was made. A database that was restored from a backup
            counts its revisions a second time, and this tells them apart.
        parts: the segments in the order in which rows are counted.
        dead: bits over all rows, packed: 1 for rows that changes have put out of use.
        built_at: seconds since 1970, as is appended_at.
    """

    set_id: int
    root_id: UUID
    key_id: int
    dimensions: int
    revision: int
    stamp: str
    parts: tuple[Part, ...]
    dead: bytes
    built_at: float
    build_seconds: float
    appended_at: float | None = None
    append_seconds: float | None = None

    @property
    def rows(self) -> int:
        """How many rows there are, dead ones among them."""
        return sum(part.rows for part in self.parts)

    def dead_rows(self) -> NDArray[np.bool_]:
        """Which rows are dead, shape (rows,)."""
        bits = np.frombuffer(self.dead, dtype=np.uint8)
        return np.unpackbits(bits, count=self.rows).astype(np.bool_)


def pack(rows: NDArray[np.bool_]) -> bytes:
    """Bits over rows as a manifest holds them."""
    return np.packbits(rows).tobytes()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Publish a manifest: readers see the old one or this one, whole."""
    content = asdict(manifest) | {"format": _FORMAT, "root_id": manifest.root_id.hex}
    content["dead"] = base64.b64encode(zlib.compress(manifest.dead, 1)).decode()
    text = json.dumps(content)
    new = folder / f"{uuid4().hex}.new"
    with new.open("w") as file:
        file.write(f"{zlib.crc32(text.encode()):08x}\n{text}\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / NAME)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder.

    Raises:
        DamagedFile: it is not one of ours, or of another version.
        FileNotFoundError: there is none.
    """
    try:
        checksum, text = (folder / NAME).read_text().split("\n")[:2]
        if int(checksum, 16) != zlib.crc32(text.encode()):
            raise DamagedFile("The manifest is not what was written.")
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise DamagedFile(f"The manifest cannot be read: {error}") from error


def _read(content: dict[str, Any]) -> Manifest:
    if content.pop("format") != _FORMAT:
        raise DamagedFile("The manifest is of another version.")
    parts = tuple(Part(**part) for part in content.pop("parts"))
    dead = zlib.decompress(base64.b64decode(content.pop("dead")))
    root_id = UUID(content.pop("root_id"))
    manifest = Manifest(**content, root_id=root_id, parts=parts, dead=dead)
    if len(dead) != (manifest.rows + 7) // 8:
        raise DamagedFile("The manifest counts other rows than it has bits for.")
    return manifest
