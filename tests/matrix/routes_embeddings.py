"""Routes of vectors, search, upgrades and maps."""

from tests.matrix.table import Call, Data, Level, Route, Table
from tests.matrix.world import World

VIEWER, EDITOR, ADMIN, MEMBER = Level.VIEWER, Level.EDITOR, Level.ADMIN, Level.MEMBER

BIRDS = {"folder_id": "birds"}
MAP = {"reduction_id": "map"}
SET = {"set_id": "vector_set"}
NEAR = {"key": "clip", "vector": [1.0, 2.0]}


def vectors(world: World) -> Data:
    """A vector for an item that is there."""
    return {"key": "clip", "vectors": [{"name": world["item"].name, "values": [1, 2]}]}


PAGES: Table = {
    "folder-upgrade": Route(
        [
            Call("GET", VIEWER),
            Call("POST", EDITOR, form=True, body=lambda world: {"key": world["key"].pk}),
        ],
        BIRDS,
    ),
    "folder-derived-vectors": Route(
        [
            Call("GET", VIEWER),
            Call("POST", EDITOR, form=True, body={"key": "clip", "method": "mean"}),
        ],
        BIRDS,
    ),
    "upgrade-progress": Route([Call("GET", VIEWER)], BIRDS),
    "map-version": Route(
        [Call("POST", EDITOR, form=True, body={"verb": "keep"})], BIRDS | {"reduction_id": "map"}
    ),
    "map-compare": Route([Call("GET", VIEWER)], BIRDS | {"reduction_id": "map"}),
    "upgrade-key": Route([Call("GET", VIEWER)], BIRDS | {"key_id": "key"}),
    "matrix-files": Route([Call("GET", ADMIN)]),
    "matrix-file-rebuild": Route([Call("POST", ADMIN, seen=MEMBER, form=True)], SET),
    "matrix-file-index": Route(
        [Call("POST", ADMIN, seen=MEMBER, form=True, body={"verb": "build"})], SET
    ),
}

REST: Table = {
    "api-folder-embeddings": Route([Call("GET", VIEWER)], BIRDS),
    "api-folder-coverage": Route([Call("GET", VIEWER)], BIRDS, fixed={"key": "clip"}),
    "api-folder-zero-vectors": Route([Call("GET", VIEWER)], BIRDS, fixed={"key": "clip"}),
    "api-folder-vectors": Route(
        [Call("GET", VIEWER, query={"key": "clip"}), Call("POST", EDITOR, body=vectors)], BIRDS
    ),
    "api-item-vector": Route(
        [Call("GET", VIEWER), Call("PUT", EDITOR, body={"values": [1, 2]})],
        {"item_id": "item"},
        fixed={"key": "clip"},
    ),
    "api-folder-derived-vectors": Route(
        [
            Call("GET", VIEWER),
            Call("POST", EDITOR, body={"key": "clip", "method": "medoid"}),
        ],
        BIRDS,
    ),
    "api-folder-search": Route([Call("POST", VIEWER, reads=True, body=NEAR)], BIRDS),
    "api-folder-distances": Route([Call("POST", VIEWER, reads=True, body=NEAR)], BIRDS),
    "api-folder-upgrade": Route(
        [Call("GET", VIEWER), Call("PUT", EDITOR, body={"keys": [{"key": "clip"}]})], BIRDS
    ),
    "api-folder-maps": Route([Call("GET", VIEWER)], BIRDS),
    "map": Route([Call("GET", VIEWER), Call("DELETE", EDITOR)], MAP),
    "map-recompute": Route([Call("POST", EDITOR)], MAP),
    "map-keep": Route([Call("POST", EDITOR)], MAP),
    "map-drift": Route([Call("GET", VIEWER)], MAP),
    "map-drift-points": Route([Call("GET", VIEWER)], MAP),
    "map-forming": Route([Call("GET", VIEWER)], MAP),
    "map-stop": Route([Call("POST", EDITOR)], MAP),
    "map-payload": Route([Call("GET", VIEWER)], MAP),
    "map-picture": Route([Call("GET", VIEWER)], MAP),
    "map-parts": Route([Call("GET", VIEWER)], MAP),
    "map-part": Route([Call("GET", VIEWER)], MAP, fixed={"first": 0}),
    "map-gone": Route([Call("GET", VIEWER)], MAP),
    "map-seen": Route([Call("PUT", VIEWER, body={"ordinal": 1})], MAP),
    "map-selections": Route(
        [Call("POST", VIEWER, body={"parts": [{"rectangle": [-9, -9, 9, 9]}]})], MAP
    ),
    "map-cards": Route([Call("GET", VIEWER, query={"ordinals": "0"})], MAP),
    "map-mask": Route([Call("GET", VIEWER)], MAP),
    "map-colours": Route([Call("GET", VIEWER, query={"field": "kind"})], MAP),
    "map-distances": Route([Call("POST", VIEWER, reads=True, body={"vector": [1.0, 2.0]})], MAP),
    "api-matrix-files": Route([Call("GET", ADMIN)]),
    "api-matrix-file-rebuild": Route([Call("POST", ADMIN, seen=MEMBER)], SET),
    "api-vector-index": Route(
        [Call("POST", ADMIN, seen=MEMBER), Call("DELETE", ADMIN, seen=MEMBER)], SET
    ),
    "map-point": Route([Call("GET", VIEWER)], MAP, fixed={"ordinal": 0}),
}

EMBEDDINGS: Table = PAGES | REST
