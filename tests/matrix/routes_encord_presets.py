"""Routes that the SDK calls: presets."""

from tests.matrix.table import Table

ENCORD_PRESETS: Table = {}
