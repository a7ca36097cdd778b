"""Routes of folders, items, media and the metadata schema."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.matrix.table import Call, Data, Level, Route, Table
from tests.matrix.world import World

MEMBER, VIEWER, EDITOR = Level.MEMBER, Level.VIEWER, Level.EDITOR
FOLDER_ADMIN, ADMIN = Level.FOLDER_ADMIN, Level.ADMIN

BIRDS = {"folder_id": "birds"}
ITEM = {"item_id": "item"}
FAILED = {"item_id": "failed_item"}
SEQUENCE = {"item_id": "sequence"}
KEY = {"key_id": "key"}
IMPORT = {"import_id": "import"}
DELETED_KEY = {"key_id": "deleted_key"}


def picture(world: World) -> Data:
    """A file as a form sends it."""
    return {"file": SimpleUploadedFile("robin.png", world["png"], "image/png")}


def document(world: World) -> Data:
    """Vectors for an item that is there."""
    return {"items": [{"name": world["item"].name, "metadata": {"clip": [1, 2]}}]}


def metadata_file(world: World) -> Data:
    """The same as an import."""
    text = b'{"items": [{"name": "owl.png", "metadata": {"clip": [1, 2]}}]}'
    file = SimpleUploadedFile("vectors.json", text, "application/json")
    return {"file": file, "kind": "metadata", "dry_run": "true"}


PAGES: Table = {
    "files": Route([Call("GET", MEMBER)]),
    # Every member makes root folders, and administers them.
    "folder-create": Route([Call("POST", MEMBER, form=True, body={"name": "Owls"})]),
    "folder": Route([Call("GET", VIEWER)], BIRDS),
    "folder-status": Route([Call("GET", VIEWER)], BIRDS),
    "folder-access": Route([Call("GET", VIEWER)], BIRDS),
    "folder-share": Route(
        [
            Call(
                "POST",
                FOLDER_ADMIN,
                form=True,
                body={"who": "colleague@example.org", "role": "viewer"},
            )
        ],
        BIRDS,
    ),
    "folder-unshare": Route([Call("POST", FOLDER_ADMIN, form=True)], BIRDS | {"grant_id": "grant"}),
    "folder-rename": Route([Call("POST", EDITOR, form=True, body={"name": "Owls"})], BIRDS),
    "folder-move": Route([Call("GET", FOLDER_ADMIN), Call("POST", FOLDER_ADMIN, form=True)], BIRDS),
    "folder-pick": Route([Call("GET", MEMBER)]),
    "folder-delete": Route([Call("GET", FOLDER_ADMIN), Call("POST", FOLDER_ADMIN)], BIRDS),
    "folder-upload": Route([Call("POST", EDITOR, form=True, body=picture)], BIRDS),
    "folder-items-count": Route([Call("GET", VIEWER)], BIRDS),
    "folder-items-ask": Route(
        [Call("POST", EDITOR, form=True, body={"all": "1"})], BIRDS, fixed={"action": "edit"}
    ),
    "folder-items-move": Route(
        [
            Call(
                "POST",
                EDITOR,
                form=True,
                body=lambda world: {"all": "1", "parent": world["birds"].pk},
            )
        ],
        BIRDS,
    ),
    "folder-items-edit": Route(
        [Call("POST", EDITOR, form=True, body={"all": "1", "do-label": "set", "value-label": "a"})],
        BIRDS,
    ),
    "folder-items-group": Route(
        [
            Call(
                "POST",
                EDITOR,
                form=True,
                body=lambda world: {
                    "item": world["item"].pk,
                    "kind": "image_group",
                    "name": "Owls",
                },
            )
        ],
        BIRDS,
    ),
    "folder-items-delete": Route(
        [Call("POST", EDITOR, form=True, body=lambda world: {"item": world["item"].pk})], BIRDS
    ),
    "item": Route([Call("GET", VIEWER)], ITEM),
    "item-metadata": Route([Call("POST", EDITOR, form=True, body={"metadata": "{}"})], ITEM),
    "item-values": Route([Call("POST", EDITOR, form=True, body={"value-label": "a"})], ITEM),
    "item-vector": Route([Call("GET", VIEWER)], ITEM, fixed={"key": "clip"}),
    "item-rename": Route([Call("POST", EDITOR, form=True, body={"name": "tawny.png"})], ITEM),
    "item-retry": Route([Call("POST", EDITOR, form=True)], FAILED),
    "item-delete": Route([Call("POST", EDITOR, form=True)], ITEM),
    "schema": Route([Call("GET", MEMBER)]),
    # Whoever edits any folder adds keys; taking them away is for administrators.
    "schema-key-create": Route(
        [Call("POST", EDITOR, form=True, body={"name": "wings", "type": "number"}, ok=(303,))]
    ),
    "schema-key-delete": Route([Call("POST", ADMIN, seen=MEMBER, form=True)], KEY),
    "schema-key-restore": Route([Call("POST", ADMIN, seen=MEMBER, form=True)], DELETED_KEY),
}

MEDIA: Table = {
    "item-thumbnail": Route([Call("GET", VIEWER)], ITEM, fixed={"size": "small"}, tokens=True),
    "item-frames": Route([Call("GET", VIEWER)], SEQUENCE, tokens=True),
    "item-frame": Route(
        [Call("GET", VIEWER)], SEQUENCE, fixed={"frame": 0, "size": "small"}, tokens=True
    ),
    "item-original": Route([Call("GET", VIEWER)], ITEM, tokens=True),
    "unit-thumbnail": Route(
        [Call("GET", VIEWER)], {"unit_id": "unit"}, fixed={"size": "small"}, tokens=True
    ),
}

REST: Table = {
    "api-find": Route([Call("GET", MEMBER, query={"search": "owl"})]),
    "api-folders": Route([Call("GET", MEMBER), Call("POST", MEMBER, body={"name": "Owls"})]),
    "api-folder": Route(
        [
            Call("GET", VIEWER),
            Call("PATCH", EDITOR, body={"name": "Owls"}),
            Call("DELETE", FOLDER_ADMIN),
        ],
        BIRDS,
    ),
    "api-folder-contents": Route([Call("GET", VIEWER)], BIRDS),
    "api-folder-move": Route([Call("POST", FOLDER_ADMIN, body={"parent": None})], BIRDS),
    "api-grants": Route(
        [
            Call("GET", FOLDER_ADMIN),
            Call(
                "POST",
                FOLDER_ADMIN,
                body=lambda world: {"user": str(world["colleague"].pk), "role": "viewer"},
            ),
        ],
        BIRDS,
    ),
    "api-grant": Route([Call("DELETE", FOLDER_ADMIN)], BIRDS | {"grant_id": "grant"}),
    "api-items": Route([Call("GET", VIEWER), Call("POST", EDITOR, form=True, body=picture)], BIRDS),
    "api-items-delete": Route(
        [Call("POST", EDITOR, body=lambda world: {"items": [str(world["item"].pk)]})], BIRDS
    ),
    "api-items-move": Route(
        [Call("POST", EDITOR, body=lambda world: {"all": True, "to": str(world["birds"].pk)})],
        BIRDS,
    ),
    "api-items-metadata": Route(
        [Call("POST", EDITOR, body={"all": True, "metadata": {"note": "seen"}})], BIRDS
    ),
    "api-folder-metadata": Route([Call("POST", EDITOR, body=document)], BIRDS),
    "api-imports": Route(
        [Call("GET", VIEWER), Call("POST", EDITOR, form=True, body=metadata_file)], BIRDS
    ),
    "api-import": Route([Call("GET", VIEWER)], IMPORT),
    "api-import-start": Route([Call("POST", EDITOR)], IMPORT),
    "api-import-cancel": Route([Call("POST", EDITOR)], IMPORT),
    "api-import-errors": Route([Call("GET", VIEWER)], IMPORT),
    "api-item": Route(
        [
            Call("GET", VIEWER),
            Call("PATCH", EDITOR, body={"name": "tawny.png", "metadata": {"clip": [1, 2]}}),
            Call("DELETE", EDITOR),
        ],
        ITEM,
    ),
    "api-item-retry": Route([Call("POST", EDITOR)], FAILED),
    "api-item-units": Route([Call("GET", VIEWER)], ITEM),
    "api-schema-keys": Route(
        [Call("GET", MEMBER), Call("POST", EDITOR, body={"name": "wings", "type": "number"})]
    ),
    "api-schema-key": Route(
        [
            Call("GET", MEMBER, seen=MEMBER),
            Call("PATCH", EDITOR, seen=MEMBER, body={"add_values": ["c"]}),
            Call("DELETE", ADMIN, seen=MEMBER),
        ],
        {"key_id": "enum_key"},
    ),
    "api-schema-key-restore": Route([Call("POST", ADMIN, seen=MEMBER)], DELETED_KEY),
}

FOLDERS: Table = PAGES | MEDIA | REST
