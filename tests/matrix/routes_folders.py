"""Routes of the folders app."""

from tests.matrix.table import Table

FOLDERS: Table = {}
