"""Routes of what comes in: resumable uploads, sidecars, groups, and pages of bulk imports.

An upload belongs to whoever began it, here the editor.
"""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.matrix.table import Call, Data, Level, Route, Table, Who
from tests.matrix.world import World

TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
# The name "wren.png" in Base64. The body of each request is the two bytes {}.
NEW = TUS | {"Upload-Length": "2", "Upload-Metadata": "filename d3Jlbi5wbmc="}
PART = TUS | {"Upload-Offset": "0"}

BIRDS = {"folder_id": "birds"}
UPLOAD = BIRDS | {"upload_id": "upload"}

_BEGIN = [Call("POST", Level.EDITOR, headers=NEW)]
_GO_ON = [
    Call("PATCH", owner=Who.EDITOR, headers=PART),
    Call("DELETE", owner=Who.EDITOR, headers=TUS),
]

# A picture that was read, made one by itself.
_GROUP = {"kind": "image_sequence", "name": "Owls"}

IMPORT = {"import_id": "import"}


def metadata_file(world: World) -> Data:
    """A file to import, as the form without scripts sends it."""
    text = b'{"items": [{"name": "owl.png", "metadata": {"wings": 2}}]}'
    return {"kind": "metadata", "file": SimpleUploadedFile("a.json", text, "application/json")}


UPLOADS: Table = {
    "folder-imports": Route([Call("GET", Level.VIEWER)], BIRDS),
    "folder-import-new": Route(
        [Call("GET", Level.EDITOR), Call("POST", Level.EDITOR, form=True, body=metadata_file)],
        BIRDS,
    ),
    "import": Route([Call("GET", Level.VIEWER)], IMPORT),
    "import-start": Route([Call("POST", Level.EDITOR, form=True)], IMPORT),
    "import-cancel": Route([Call("POST", Level.EDITOR, form=True)], IMPORT),
    "import-errors": Route([Call("GET", Level.VIEWER)], IMPORT),
    "folder-groups": Route(
        [
            Call(
                "POST",
                Level.EDITOR,
                form=True,
                body=lambda world: _GROUP | {"item": world["item"].pk},
            )
        ],
        BIRDS,
    ),
    "api-groups": Route(
        [
            Call(
                "POST",
                Level.EDITOR,
                body=lambda world: _GROUP | {"items": [str(world["item"].pk)]},
            )
        ],
        BIRDS,
    ),
    "api-folder-paths": Route([Call("POST", Level.EDITOR, body={"paths": ["2026/May"]})], BIRDS),
    "api-folder-sidecars": Route(
        [
            Call(
                "POST",
                Level.EDITOR,
                body={"sidecars": [{"file": "owl.png.metadata.json", "metadata": {}}]},
            )
        ],
        BIRDS,
    ),
    "folder-uploads": Route(_BEGIN, BIRDS),
    "folder-upload-part": Route(_GO_ON, UPLOAD),
    "api-uploads": Route(_BEGIN, BIRDS),
    "api-upload": Route(_GO_ON, UPLOAD),
}
