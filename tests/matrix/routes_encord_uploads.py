"""Routes that the SDK calls: uploads. What is sent comes to an address that opens by itself."""

from tests.matrix.table import Call, Level, Route, Table

ENCORD_UPLOADS: Table = {
    "encord-upload-urls": Route(
        [Call("POST", Level.EDITOR, body={"itemType": "image", "count": 1})],
        {"folder_id": "birds"},
    ),
    # This address is none of ours.
    "encord-upload": Route([Call("PUT", Level.ANYBODY, ok=(403,))], fixed={"token": "no"}),
}
