"""Routes that the SDK calls: collections."""

from tests.matrix.table import Table

ENCORD_COLLECTIONS: Table = {}
