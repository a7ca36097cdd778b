"""Routes of the collections app."""

from tests.matrix.table import Table

COLLECTIONS: Table = {}
