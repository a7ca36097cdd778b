"""Routes that the SDK calls: folders."""

from tests.matrix.table import Call, Data, Level, Route, Table
from tests.matrix.world import World

BIRDS = {"folder_id": "birds"}


def patches(world: World) -> Data:
    """A bundle that renames one folder."""
    return {"folderPatches": {str(world["birds"].pk): {"name": "Owls"}}}


def moves(world: World) -> Data:
    """A root folder stays one."""
    return {"folderUuids": [str(world["birds"].pk)]}


def groups(world: World) -> Data:
    """A team as a user."""
    return {"groupHashList": [str(world["team"].pk)], "userRole": "user"}


ENCORD_FOLDERS: Table = {
    "encord-folders": Route(
        [Call("GET", Level.MEMBER), Call("POST", Level.MEMBER, body={"name": "Fish"})]
    ),
    "encord-folder-search": Route([Call("GET", Level.MEMBER)]),
    "encord-organisation-tags": Route([Call("GET", Level.MEMBER)]),
    "encord-folders-patch": Route([Call("PATCH", Level.EDITOR, body=patches, named=True)]),
    "encord-folders-move": Route([Call("POST", Level.FOLDER_ADMIN, body=moves, named=True)]),
    "encord-folder": Route(
        [
            Call("GET", Level.VIEWER),
            Call("PATCH", Level.EDITOR, body={"description": "Night birds"}),
            Call("DELETE", Level.FOLDER_ADMIN),
        ],
        BIRDS,
    ),
    "encord-subfolders": Route([Call("GET", Level.VIEWER)], BIRDS),
    "encord-folder-summary": Route([Call("GET", Level.VIEWER)], BIRDS),
    "encord-folder-config": Route(
        [
            Call("GET", Level.VIEWER),
            Call("POST", Level.EDITOR, body={"embeddingConfig": {"clip": {}}, "colour": 7}),
        ],
        BIRDS,
    ),
    "encord-folder-groups": Route(
        [
            Call("GET", Level.FOLDER_ADMIN),
            Call("POST", Level.FOLDER_ADMIN, body=groups),
            Call("DELETE", Level.FOLDER_ADMIN),
        ],
        BIRDS,
    ),
}
