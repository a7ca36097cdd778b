"""Routes of the metadata schema beyond adding, deleting and restoring keys."""

from tests.matrix.table import Call, Level, Route, Table

MEMBER, EDITOR = Level.MEMBER, Level.EDITOR

KEY = {"key_id": "key"}
ENUM_KEY = {"key_id": "enum_key"}

SCHEMA: Table = {
    "schema-key-edit": Route(
        [
            Call("GET", EDITOR, seen=MEMBER),
            Call("POST", EDITOR, seen=MEMBER, form=True, body={"values": "a\nb\nc"}),
        ],
        ENUM_KEY,
    ),
    "schema-key-usage": Route([Call("GET", MEMBER, seen=MEMBER)], KEY),
    "schema-key-convert": Route([Call("POST", EDITOR, seen=MEMBER, form=True)], KEY),
    "api-schema-key-usage": Route([Call("GET", MEMBER, seen=MEMBER)], KEY),
    "api-schema-key-convert": Route([Call("POST", EDITOR, seen=MEMBER)], KEY),
}
