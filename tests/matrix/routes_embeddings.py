"""Routes of the embeddings app."""

from tests.matrix.table import Table

EMBEDDINGS: Table = {}
