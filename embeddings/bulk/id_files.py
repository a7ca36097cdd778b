"""Ids in a file of their own, one for each row of a matrix.

.npy          an array of texts or whole numbers
.json         a list of them
.csv          the column that is called like ids, else the first
anything else one id a line
"""

import csv
import io
import json
from pathlib import PurePath
from typing import IO

from embeddings.bulk.arrays import MAGIC, ArrayStream
from embeddings.bulk.columns import ID_NAMES, pick
from embeddings.bulk.numpy_file import require_ids
from embeddings.bulk.rows import id_texts, unreadable

# Ids are held in memory: of ten million files by their names.
_MAX_BYTES = 512 * 1024**2


def read_ids(file: IO[bytes], name: str, column: str = "") -> list[str]:
    """All ids of a file.

    Args:
        file: open at its beginning, and seekable.
        name: of the file; its suffix tells the format.
        column: of a CSV file; looked for under usual names unless told.

    Raises:
        InvalidInput: it holds no ids.
        OSError: it cannot be read.
    """
    if file.seek(0, io.SEEK_END) > _MAX_BYTES:
        raise unreadable(f"{name} is too large for a list of ids.")
    file.seek(0)
    head = file.read(len(MAGIC))
    file.seek(0)
    if head == MAGIC:
        array = ArrayStream(file, name)
        require_ids(array.dtype, array.shape, name)
        return id_texts(array.read(array.rows))
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(f"{name} is no text in UTF-8.") from error
    match PurePath(name).suffix.lower():
        case ".json":
            return _from_json(text, name)
        case ".csv":
            return _from_csv(text, name, column)
    return text.splitlines()


def _from_json(text: str, name: str) -> list[str]:
    try:
        ids = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unreadable(f"{name} is no JSON: {error}") from error
    if not isinstance(ids, list) or not all(type(one) in (str, int) for one in ids):
        raise unreadable(f"{name} is no list of texts or whole numbers.")
    return [str(one) for one in ids]


def _from_csv(text: str, name: str, column: str) -> list[str]:
    rows = csv.reader(io.StringIO(text))
    header = next(rows, [])
    chosen = pick(column, header, ID_NAMES) or ("" if column else (header or [""])[0])
    if not chosen:
        raise unreadable(f"{name} has no column “{column}”; it has {', '.join(header)}.")
    place = header.index(chosen)
    try:
        return [row[place] for row in rows if row]
    except (IndexError, csv.Error) as error:
        raise unreadable(f"{name} has a row without the column “{chosen}”.") from error
