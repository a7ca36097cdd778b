"""Routes that the SDK calls: users."""

from tests.matrix.table import Table

ENCORD_USERS: Table = {}
