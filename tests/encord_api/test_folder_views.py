"""Folders without the SDK: what depends on who asks."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant
from tests.factories import FolderGrantFactory, TeamFactory

ActorFor = Callable[[User], Actor]
Api = Callable[[User], Client]


@pytest.fixture
def api(actor_for: ActorFor) -> Api:
    """A program of somebody."""

    def make(user: User) -> Client:
        _, token = create_token(actor=actor_for(user), name="t", scope=TokenScope.WRITE)
        return Client(headers={"Authorization": f"Bearer {token}"})

    return make


def test_folders__are_listed_from_the_topmost_that_somebody_sees(
    api: Api, birds: Folder, night: Folder, boats: Folder, night_viewer: User, admin: User
) -> None:
    def names(user: User) -> list[str]:
        body = api(user).get("/v2/public/storage/folders").json()
        return [one["name"] for one in body["results"]]

    assert names(admin) == ["Birds", "Boats"]
    assert names(night_viewer) == ["Night"]


def test_folder__says_the_role_and_names_nothing_that_is_hidden(
    api: Api, birds: Folder, night: Folder, night_viewer: User, editor: User, folder_admin: User
) -> None:
    def read(user: User) -> tuple[str, list[str]]:
        body = api(user).get(f"/v2/public/storage/folders/{night.pk}").json()
        return body["userRole"], [element["name"] for element in body["pathToRoot"]]

    assert read(night_viewer) == ("user", ["Night"])
    assert read(editor) == ("user", ["Night", "Birds"])
    assert read(folder_admin) == ("admin", ["Night", "Birds"])


def test_groups__editors_stay_editors_when_they_are_made_users(
    api: Api, birds: Folder, folder_admin: User
) -> None:
    team = TeamFactory.create(organisation=birds.organisation)
    grant = FolderGrantFactory.create(folder=birds, user=None, team=team, role=FolderRole.EDITOR)
    path = f"/v2/public/storage/folders/{birds.pk}/groups"
    body = {"groupHashList": [str(team.pk)], "userRole": "user"}

    assert api(folder_admin).post(path, body, content_type="application/json").status_code == 200

    grant.refresh_from_db()
    assert grant.role == FolderRole.EDITOR
    body["userRole"] = "admin"
    api(folder_admin).post(path, body, content_type="application/json")
    api(folder_admin).post(path, body | {"userRole": "user"}, content_type="application/json")
    assert FolderGrant.objects.get(team=team).role == FolderRole.VIEWER


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("pageSize=0", "pageSize"),
        ("pageSize=1001", "pageSize"),
        ("pageSize=x", "pageSize"),
        ("order=size", "order"),
        ("desc=perhaps", "desc"),
        ("pageToken=nonsense", "Start at the first"),
    ],
)
def test_lists__refuse_wrong_parameters_by_name(
    api: Api, birds: Folder, editor: User, query: str, words: str
) -> None:
    for path in ("storage/folders", f"storage/folders/{birds.pk}/items"):
        answer = api(editor).get(f"/v2/public/{path}?{query}")
        assert (answer.status_code, words in answer.json()["message"]) == (400, True)


def test_payload__that_is_none_is_refused(api: Api, birds: Folder, editor: User) -> None:
    for body in (b"", b"[]", b"{", b'"x"', b"\xff", b"[" * 100_000):
        answer = api(editor).post(
            "/v2/public/storage/folders", body, content_type="application/json"
        )
        assert answer.status_code == 400, body[:10]
        assert answer.json()["message"]
