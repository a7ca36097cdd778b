"""Routes that the SDK calls: registrations."""

from tests.matrix.table import Table

ENCORD_REGISTRATIONS: Table = {}
