"""Routes that the SDK calls: people. Members know each other, administrators let people in."""

from tests.matrix.table import Call, Level, Route, Table

NEW = {"email": "new@example.org", "roleMnemonicName": "MEMBER", "memberType": "internal"}

ENCORD_USERS: Table = {
    "encord-users": Route([Call("GET", Level.MEMBER), Call("POST", Level.ADMIN, body=NEW)]),
    "encord-user": Route(
        [Call("DELETE", Level.ADMIN, named=True)], fixed={"email": "colleague@example.org"}
    ),
}
