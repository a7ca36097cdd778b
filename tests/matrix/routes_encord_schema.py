"""Routes that the SDK calls: schema."""

from tests.matrix.table import Table

ENCORD_SCHEMA: Table = {}
