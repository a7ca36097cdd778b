"""Routes that the SDK calls: integrations."""

from tests.matrix.table import Table

ENCORD_INTEGRATIONS: Table = {}
