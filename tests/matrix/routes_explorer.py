"""Routes of the explorer app."""

from tests.matrix.table import Table

EXPLORER: Table = {}
