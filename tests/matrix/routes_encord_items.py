"""Routes that the SDK calls: items."""

from tests.matrix.table import Table

ENCORD_ITEMS: Table = {}
