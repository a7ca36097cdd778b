"""Routes that the SDK calls: registrations."""

from tests.matrix.table import Call, Level, Route, Table

BIRDS = {"folder_id": "birds"}
IMPORT = BIRDS | {"import_id": "registration"}
FILES = {"externalFiles": {"images": [{"objectUrl": "https://nothing.invalid/owl.png"}]}}

ENCORD_REGISTRATIONS: Table = {
    "encord-registrations": Route([Call("POST", Level.EDITOR, body=FILES)], BIRDS),
    "encord-registration": Route([Call("GET", Level.VIEWER)], IMPORT),
    "encord-registration-cancel": Route([Call("POST", Level.EDITOR)], IMPORT),
}
