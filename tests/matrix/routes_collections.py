"""Routes of collections. Any editor of the folder changes them."""

from tests.matrix.table import Call, Data, Level, Route, Table, Who
from tests.matrix.world import World

MEMBER, VIEWER, EDITOR = Level.MEMBER, Level.VIEWER, Level.EDITOR

SINGERS = {"collection_id": "collection"}
LARGE = {"preset_id": "preset"}
SETS = {"a": "all", "b": "all"}


def units(world: World) -> Data:
    """The unit of the item."""
    return {"units": [world["unit"].pk]}


def singers(world: World) -> Data:
    """The collection itself."""
    return {"collection": str(world["collection"].pk), "name": "Waders"}


def copied(world: World) -> Data:
    """A copy of the collection."""
    ids = [str(world["collection"].pk)]
    return {"name": "Waders", "operation": "copy", "collections": ids}


COLLECTIONS: Table = {
    "collections": Route([Call("GET", MEMBER)]),
    "collections-of-root": Route([Call("GET", VIEWER)], {"root_id": "birds"}),
    "collection-combine": Route(
        [Call("POST", EDITOR, form=True, body=singers)], {"root_id": "birds"}
    ),
    "collection-replay": Route([Call("GET", VIEWER)], SINGERS),
    "collection-replay-apply": Route([Call("POST", EDITOR, form=True)], SINGERS),
    "collection-replay-save": Route(
        [Call("POST", EDITOR, form=True, body={"name": "Waders"})], SINGERS
    ),
    "more-like": Route([Call("GET", VIEWER, query={"set": "all"})], {"root_id": "birds"}),
    "api-folder-combine": Route([Call("POST", EDITOR, body=copied)], {"folder_id": "birds"}),
    "api-collection-replay": Route([Call("GET", VIEWER), Call("POST", EDITOR)], SINGERS),
    "api-collection-replay-save": Route([Call("POST", EDITOR, body={"name": "Waders"})], SINGERS),
    "collection-create": Route(
        [Call("POST", EDITOR, form=True, body={"name": "Waders"})], {"root_id": "birds"}
    ),
    "collection": Route([Call("GET", VIEWER)], SINGERS),
    "collection-update": Route([Call("POST", EDITOR, form=True, body={"name": "Waders"})], SINGERS),
    "collection-delete": Route([Call("POST", EDITOR, form=True)], SINGERS),
    "comparison": Route([Call("GET", VIEWER)], {"root_id": "birds"}),
    "comparison-differences": Route([Call("GET", VIEWER, query=SETS)], {"root_id": "birds"}),
    "comparison-nearest": Route([Call("GET", VIEWER, query=SETS)], {"root_id": "birds"}),
    "api-folder-comparison": Route([Call("GET", VIEWER, query=SETS)], {"folder_id": "birds"}),
    "export-file": Route([Call("GET", owner=Who.ADMIN)], {"export_id": "export"}),
    "api-folder-exports": Route(
        [Call("POST", VIEWER, body={"format": "json", "units": []})], {"folder_id": "birds"}
    ),
    "api-export": Route([Call("GET", owner=Who.ADMIN)], {"export_id": "export"}),
    "api-export-file": Route([Call("GET", owner=Who.ADMIN)], {"export_id": "export"}),
    "api-folder-collections": Route(
        [Call("GET", VIEWER), Call("POST", EDITOR, body={"name": "Waders"})],
        {"folder_id": "birds"},
    ),
    "api-collection": Route(
        [
            Call("GET", VIEWER),
            Call("PATCH", EDITOR, body={"name": "Waders"}),
            Call("DELETE", EDITOR),
        ],
        SINGERS,
    ),
    "api-folder-presets": Route(
        [
            Call("GET", VIEWER),
            Call("POST", EDITOR, body={"name": "Small", "filter": None}),
        ],
        {"folder_id": "birds"},
    ),
    "api-preset": Route(
        [
            Call("GET", VIEWER),
            Call("PATCH", EDITOR, body={"name": "Small"}),
            Call("DELETE", EDITOR),
        ],
        LARGE,
    ),
    "api-collection-units": Route(
        [Call("POST", EDITOR, body=units), Call("DELETE", EDITOR, body=units)], SINGERS
    ),
}
