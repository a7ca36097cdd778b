"""Routes that the SDK calls: the metadata schema.

Whoever may edit a folder may add to it; a legacy map deletes the keys that it leaves out, which is
for administrators.
"""

from tests.matrix.table import Call, Level, Route, Table

ENCORD_SCHEMA: Table = {
    "encord-legacy-schema": Route(
        [Call("GET", Level.MEMBER), Call("POST", Level.ADMIN, body={"wings": "number"})]
    ),
    "encord-schema": Route(
        [
            Call("GET", Level.MEMBER),
            Call("POST", Level.EDITOR, body={"wings": {"ty": "variant", "hint": "number"}}),
        ]
    ),
}
