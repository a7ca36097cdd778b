"""Routes that the SDK calls: collections. Any editor of the folder changes them."""

from tests.matrix.table import Call, Data, Level, Route, Table
from tests.matrix.world import World

VIEWER, EDITOR = Level.VIEWER, Level.EDITOR
SINGERS = {"collection_id": "collection"}
TITLES = {"dataTitles": ["owl.png"]}


def items(world: World) -> Data:
    """The item."""
    return {"itemUuids": [str(world["item"].pk)]}


def preset(world: World) -> Data:
    """The preset of the same folder."""
    return {"presetUuid": str(world["preset"].pk)}


def birds(world: World) -> Data:
    """Where a new collection is to be."""
    return {"topLevelFolderUuid": str(world["birds"].pk)}


ENCORD_COLLECTIONS: Table = {
    "encord-collections": Route(
        [
            Call("GET", Level.MEMBER),
            Call("POST", EDITOR, body={"name": "Waders"}, query=birds, named=True),
        ]
    ),
    "encord-collection": Route(
        [Call("PATCH", EDITOR, body={"name": "Waders"}), Call("DELETE", EDITOR)], SINGERS
    ),
    "encord-collection-accessible-items": Route([Call("GET", VIEWER)], SINGERS),
    "encord-collection-all-items": Route([Call("GET", VIEWER)], SINGERS),
    "encord-collection-add-items": Route([Call("POST", EDITOR, body=items)], SINGERS),
    "encord-collection-remove-items": Route([Call("POST", EDITOR, body=items)], SINGERS),
    "encord-collection-add-data-title-items": Route([Call("POST", EDITOR, body=TITLES)], SINGERS),
    "encord-collection-add-preset-items": Route([Call("POST", EDITOR, body=preset)], SINGERS),
    "encord-collection-remove-preset-items": Route([Call("POST", EDITOR, body=preset)], SINGERS),
}
