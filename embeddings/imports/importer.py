"""The importer of vectors."""

from embeddings.imports.checking import check
from embeddings.imports.options import clean_options
from embeddings.imports.writing import write
from folders.imports.registry import Importer

VECTORS = Importer(
    kind="vectors",
    label="Vectors",
    suffixes=(".npy", ".npz", ".parquet"),
    check=check,
    write=write,
    clean_options=clean_options,
    side="Ids of the rows",
)
