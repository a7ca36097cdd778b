"""Files of units: JSON, CSV and Parquet, written batch by batch."""

from collections_app.exports.records import Batch, read_batches
from collections_app.exports.writers import Writer, writer_of

__all__ = ["Batch", "Writer", "read_batches", "writer_of"]
