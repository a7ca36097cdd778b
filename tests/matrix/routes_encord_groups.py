"""Routes that the SDK calls: groups."""

from tests.matrix.table import Table

ENCORD_GROUPS: Table = {}
