"""Routes of the Explorer."""

from uuid import uuid4

from tests.matrix.table import Call, Data, Level, Route, Table
from tests.matrix.world import World

MEMBER, VIEWER, EDITOR = Level.MEMBER, Level.VIEWER, Level.EDITOR

BIRDS = {"root_id": "birds"}
LABELLED = {"do-label": "set", "value-label": "a"}
LARGE = {"preset_id": "preset"}


def units(world: World) -> Data:
    """The unit of the item, as the page's form names it."""
    return {"units": str(world["unit"].pk), "name": "Waders"}


EXPLORER: Table = {
    "explorer-home": Route([Call("GET", MEMBER)]),
    "explorer": Route([Call("GET", VIEWER)], BIRDS),
    "explorer-results": Route([Call("GET", VIEWER)], BIRDS),
    "explorer-sequence": Route([Call("GET", VIEWER)], BIRDS),
    "explorer-tiles": Route([Call("GET", VIEWER)], BIRDS),
    "explorer-rail": Route([Call("GET", VIEWER)], BIRDS),
    "explorer-mask": Route([Call("GET", VIEWER)], BIRDS | {"reduction_id": "map"}),
    "explorer-badges": Route([Call("POST", VIEWER, form=True, body={"badge": "name"})], BIRDS),
    "explorer-collect": Route(
        [Call("GET", EDITOR, query=units), Call("POST", EDITOR, form=True, body=units)], BIRDS
    ),
    "explorer-remove": Route(
        [
            Call("POST", EDITOR, form=True, body=lambda world: {**units(world), "ask": "1"}),
        ],
        BIRDS,
    ),
    "explorer-edit": Route(
        [Call("POST", EDITOR, form=True, body=lambda world: {**units(world), **LABELLED})], BIRDS
    ),
    "explorer-move": Route(
        [
            Call(
                "POST",
                EDITOR,
                form=True,
                body=lambda world: {**units(world), "parent": world["birds"].pk},
            )
        ],
        BIRDS,
    ),
    "explorer-delete": Route([Call("POST", EDITOR, form=True, body=units)], BIRDS),
    "explorer-restore": Route(
        # Too late.
        [Call("POST", EDITOR, form=True, body=lambda world: {"aside": uuid4()}, ok=(409,))],
        BIRDS,
    ),
    "explorer-exclude": Route([Call("POST", VIEWER, form=True, reads=True, body=units)], BIRDS),
    "explorer-like": Route([Call("POST", VIEWER, form=True, reads=True, body=units)], BIRDS),
    "explorer-export": Route(
        [Call("POST", VIEWER, form=True, body=lambda world: {**units(world), "format": "json"})],
        BIRDS,
    ),
    "explorer-uncollect": Route(
        [Call("POST", EDITOR, form=True, body=units)], {"collection_id": "collection"}
    ),
    "explorer-presets": Route([Call("GET", VIEWER)], BIRDS),
    "explorer-preset-new": Route(
        [Call("GET", VIEWER), Call("POST", VIEWER, form=True, body={"name": "Small"})], BIRDS
    ),
    "explorer-preset": Route(
        [Call("GET", EDITOR), Call("POST", EDITOR, form=True, body={"name": "S", "shared": "1"})],
        LARGE,
    ),
    "explorer-preset-filter": Route([Call("POST", EDITOR, form=True)], LARGE),
    "explorer-preset-delete": Route([Call("POST", EDITOR, form=True)], LARGE),
    "api-folder-units": Route([Call("GET", VIEWER)], {"folder_id": "birds"}),
    "api-folder-facets": Route([Call("GET", VIEWER)], {"folder_id": "birds"}),
}
