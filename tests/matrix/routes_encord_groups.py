"""Routes that the SDK calls: groups. Members see them, administrators keep them."""

from tests.matrix.table import Call, Level, Route, Table

MEMBER, ADMIN = Level.MEMBER, Level.ADMIN
TEAM = {"team_id": "team"}
USERS = {"userEmails": ["colleague@example.org"]}

ENCORD_GROUPS: Table = {
    "encord-group-list": Route([Call("GET", MEMBER)]),
    "encord-groups": Route([Call("POST", ADMIN, body={"name": "Owls", "description": "Hoo"})]),
    "encord-group": Route(
        [
            Call("GET", MEMBER, seen=MEMBER),
            Call("PATCH", ADMIN, seen=MEMBER, body={"name": "Owls"}),
            Call("DELETE", ADMIN, seen=MEMBER),
        ],
        TEAM,
    ),
    "encord-group-users": Route(
        [Call("GET", MEMBER, seen=MEMBER), Call("POST", ADMIN, seen=MEMBER, body=USERS)], TEAM
    ),
    "encord-group-users-removal": Route([Call("POST", ADMIN, seen=MEMBER, body=USERS)], TEAM),
}
