"""Writers of the formats; each takes batches and keeps none of them.

Float32 values of vectors come back bit for bit from all of them: text has as many digits as tell
neighbouring values apart.
"""

import csv
import io
from collections.abc import Mapping
from typing import IO, Any, Protocol, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from collections_app.exports.records import COLUMNS, Batch, Vectors
from collections_app.models.export import ExportFormat

METADATA, EMBEDDING = "metadata.", "embedding."

_TYPES: dict[str, pa.DataType] = {
    "unit": pa.int64(),
    "frame": pa.int64(),
    "timestamp": pa.float64(),
    "width": pa.int64(),
    "height": pa.int64(),
}


class Writer(Protocol):
    """Writes one file; used as a context, whose end completes it."""

    def __enter__(self) -> Self:
        """Begin the file."""

    def __exit__(self, *error: object) -> None:
        """End it, if nothing went wrong."""

    def write(self, batch: Batch) -> None:
        """Add units."""


def writer_of(
    kind: ExportFormat, file: IO[bytes], *, keys: Mapping[str, int], metadata: list[str]
) -> Writer:
    """The writer of a format.

    Args:
        kind: the format.
        file: where to.
        keys: sizes of the embedding keys by name.
        metadata: keys of the schema that get columns of their own, where there are columns.
    """
    match kind:
        case ExportFormat.JSON:
            return JsonWriter(file)
        case ExportFormat.CSV:
            return CsvWriter(file, list(keys), metadata)
        case ExportFormat.PARQUET:
            return ParquetWriter(file, keys)


class JsonWriter:
    """One list of objects; `metadata` and `embeddings` are objects in each."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._count = file, 0

    def __enter__(self) -> Self:
        """Open the list."""
        self._file.write(b"[")
        return self

    def __exit__(self, *error: object) -> None:
        """Close the list."""
        if error[0] is None:
            self._file.write(b"\n]\n")

    def write(self, batch: Batch) -> None:
        """Add an object per unit."""
        for place, (row, metadata) in enumerate(zip(batch.rows, batch.metadata, strict=True)):
            vectors = {
                name: one.values[place] for name, one in batch.vectors.items() if one.present[place]
            }
            value = {**row, "metadata": metadata, "embeddings": vectors}
            self._file.write(b",\n" if self._count else b"\n")
            self._file.write(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY))
            self._count += 1


class CsvWriter:
    """A column for each metadata key of the schema, all else in `metadata` as JSON; vectors too."""

    def __init__(self, file: IO[bytes], keys: list[str], metadata: list[str]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._csv = csv.writer(self._text)
        self._keys, self._metadata = keys, metadata

    def __enter__(self) -> Self:
        """Write the head."""
        keys = [f"{METADATA}{name}" for name in self._metadata]
        vectors = [f"{EMBEDDING}{name}" for name in self._keys]
        self._csv.writerow([*COLUMNS, *keys, "metadata", *vectors])
        return self

    def __exit__(self, *error: object) -> None:
        """Give the file back as it was lent."""
        self._text.detach()

    def write(self, batch: Batch) -> None:
        """Add a line per unit."""
        for place, (row, metadata) in enumerate(zip(batch.rows, batch.metadata, strict=True)):
            rest = {name: metadata[name] for name in metadata if name not in self._metadata}
            values = [_cell(metadata.get(name)) for name in self._metadata]
            vectors = [_vector_cell(batch.vectors[name], place) for name in self._keys]
            columns = [_cell(row[name]) for name in COLUMNS]
            self._csv.writerow([*columns, *values, _json(rest) if rest else "", *vectors])


class ParquetWriter:
    """Typed columns; `metadata` is JSON, vectors are lists of float32 of fixed size."""

    def __init__(self, file: IO[bytes], keys: Mapping[str, int]) -> None:
        fields: list[tuple[str, pa.DataType]] = [
            (name, _TYPES.get(name, pa.string())) for name in COLUMNS
        ]
        fields.append(("metadata", pa.string()))
        fields += [
            (f"{EMBEDDING}{name}", pa.list_(pa.float32(), size)) for name, size in keys.items()
        ]
        self._schema = pa.schema(fields)
        self._keys = keys
        self._file = file
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        """Begin the file."""
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        return self

    def __exit__(self, *error: object) -> None:
        """Write the foot."""
        if self._writer is not None:
            self._writer.close()

    def write(self, batch: Batch) -> None:
        """Add a row group."""
        columns: list[Any] = [
            pa.array([row[name] for row in batch.rows], self._schema.field(name).type)
            for name in COLUMNS
        ]
        columns.append(pa.array([_json(one) for one in batch.metadata], pa.string()))
        for name, size in self._keys.items():
            columns.append(_fixed_lists(batch.vectors[name], size))
        assert self._writer is not None  # noqa: S101  (write comes within the context)
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))


def _fixed_lists(vectors: Vectors, size: int) -> "pa.FixedSizeListArray[Any, Any]":
    flat = pa.array(vectors.values.reshape(-1), pa.float32())
    return pa.FixedSizeListArray.from_arrays(flat, size, mask=pa.array(~vectors.present))


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value or ""
    return _json(value)


def _vector_cell(vectors: Vectors, place: int) -> str:
    return _json(vectors.values[place]) if vectors.present[place] else ""


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
