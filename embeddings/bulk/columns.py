"""Which parts of a file hold the vectors, the ids and the frame numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

VECTOR_NAMES = ("vectors", "vector", "embeddings", "embedding", "features", "values")
ID_NAMES = (
    *("ids", "id", "items", "item", "item_id", "item_ids", "uuid", "uuids"),
    *("names", "name", "titles", "title", "filenames", "filename", "file_names", "file_name"),
    *("files", "file", "paths", "path", "object_url", "object_urls", "urls", "url"),
)
FRAME_NAMES = ("frames", "frame", "frame_numbers", "frame_number")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of arrays, fields or columns; an empty one is looked for under its usual names."""

    vectors: str = ""
    ids: str = ""
    frames: str = ""


def pick(asked: str, present: Iterable[str], usual: tuple[str, ...]) -> str | None:
    """The name that is asked for, else the first usual one that is there, in any case."""
    there = list(present)
    if asked:
        return asked if asked in there else None
    by_lower = {name.lower(): name for name in reversed(there)}
    return next((by_lower[name] for name in usual if name in by_lower), None)
