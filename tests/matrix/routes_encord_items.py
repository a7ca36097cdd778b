"""Routes that the SDK calls: items."""

from tests.matrix.table import Call, Data, Level, Route, Table
from tests.matrix.world import World

BIRDS = {"folder_id": "birds"}
ITEM = {"item_id": "item"}
OWL = BIRDS | ITEM
FLIGHT = BIRDS | {"item_id": "sequence"}


def ids(world: World) -> Data:
    """The picture that was read."""
    return {"itemUuids": [str(world["item"].pk)], "signUrls": True}


def patches(world: World) -> Data:
    """A bundle of one."""
    return {"itemPatches": {str(world["item"].pk): {"name": "Owl", "clientMetadata": {"a": 1}}}}


def gone(world: World) -> Data:
    """The same, to be deleted."""
    return {"childUuids": [str(world["item"].pk)], "removeUnusedFrames": True}


def moved(world: World) -> Data:
    """The same, to where it is."""
    return {"itemUuids": [str(world["item"].pk)], "newParentUuid": str(world["birds"].pk)}


ENCORD_ITEMS: Table = {
    "encord-item": Route([Call("GET", query={"signUrl": "True"})], ITEM),
    "encord-item-metadata": Route([Call("GET")], ITEM),
    # By POST, as a list of ids may be long.
    "encord-items-bulk": Route([Call("POST", body=ids, named=True, reads=True)]),
    "encord-items-patch": Route([Call("PATCH", Level.EDITOR, body=patches, named=True)]),
    "encord-item-search": Route([Call("GET", Level.MEMBER, query={"search": "owl"})]),
    "encord-folder-items": Route([Call("GET")], BIRDS),
    "encord-items-delete": Route([Call("POST", Level.EDITOR, body=gone)], BIRDS),
    "encord-items-move": Route([Call("POST", Level.EDITOR, body=moved)], BIRDS),
    "encord-folder-item": Route([Call("PATCH", Level.EDITOR, body={"name": "Wren"})], OWL),
    "encord-item-children": Route([Call("GET")], FLIGHT),
    "encord-item-summary": Route([Call("GET")], OWL),
}
