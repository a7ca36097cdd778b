"""Routes of integrations. Members see names and use them, administrators keep them."""

from tests.matrix.table import Call, Level, Route, Table

MEMBER, ADMIN = Level.MEMBER, Level.ADMIN

STORE = {"integration_id": "integration"}
NEW = {"name": "Cameras", "provider": "s3", "settings": {"bucket": "cameras"}}

PAGES: Table = {
    "integrations": Route([Call("GET", MEMBER)]),
    "integration-create": Route(
        [
            Call("GET", ADMIN),
            Call("POST", ADMIN, form=True, body={"name": "Cameras", "bucket": "cameras"}),
        ],
        fixed={"provider": "s3"},
    ),
    "integration-edit": Route(
        [
            Call("GET", ADMIN, seen=MEMBER),
            Call("POST", ADMIN, seen=MEMBER, form=True, body={"name": "Owls", "bucket": "owls"}),
        ],
        STORE,
    ),
    "integration-delete": Route(
        [Call("GET", ADMIN, seen=MEMBER), Call("POST", ADMIN, seen=MEMBER, form=True)], STORE
    ),
    "integration-test": Route(
        [Call("GET", ADMIN, seen=MEMBER), Call("POST", ADMIN, seen=MEMBER, form=True)], STORE
    ),
}

REST: Table = {
    "api-integrations": Route([Call("GET", MEMBER), Call("POST", ADMIN, body=NEW)]),
    "api-integration": Route(
        [
            Call("GET", MEMBER, seen=MEMBER),
            Call("PATCH", ADMIN, seen=MEMBER, body={"name": "Owls"}),
            Call("DELETE", ADMIN, seen=MEMBER),
        ],
        STORE,
    ),
    # Nothing listens there: that the connection fails is what the answer says.
    "api-integration-test": Route([Call("POST", ADMIN, seen=MEMBER, body={})], STORE),
}

INTEGRATIONS: Table = PAGES | REST
