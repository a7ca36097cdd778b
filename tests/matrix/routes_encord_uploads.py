"""Routes that the SDK calls: uploads."""

from tests.matrix.table import Table

ENCORD_UPLOADS: Table = {}
