"""Routes that the SDK calls: folders."""

from tests.matrix.table import Table

ENCORD_FOLDERS: Table = {}
