"""Routes that the SDK calls: integrations."""

from tests.matrix.table import Call, Level, Route, Table

ENCORD_INTEGRATIONS: Table = {"encord-integrations": Route([Call("GET", Level.MEMBER)])}
