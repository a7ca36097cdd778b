"""REST of folders, items, imports and the schema."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from folders.choices import KeyType
from folders.models import Folder, FolderGrant, Item, MetadataKey, Unit
from folders.services.schema import add_key
from tests.factories import FolderFactory, ItemFactory, UnitFactory
from tests.folders.media_files import png

ActorFor = Callable[[User], Actor]


class Api:
    """Calls as one person, by a token."""

    def __init__(self, actor: Actor, scope: TokenScope = TokenScope.WRITE) -> None:
        _, secret = create_token(actor=actor, name="test", scope=scope)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def call(self, method: str, name: str, *args: Any, **given: Any) -> tuple[int, Any]:
        """Send JSON; get status and JSON."""
        query = "?" + "&".join(f"{k}={v}" for k, v in given.pop("query", {}).items())
        body = json.dumps(given["body"]) if "body" in given else ""
        answer = self.client.generic(
            method, reverse(name, args=args) + query, body, "application/json"
        )
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def api(actor_for: ActorFor) -> Callable[..., Api]:
    """Makes the API of a person."""
    return lambda user, scope=TokenScope.WRITE: Api(actor_for(user), scope)


def test_folders__refuse_before_they_allow(
    birds: Folder,
    night: Folder,
    outsider: User,
    viewer: User,
    editor: User,
    api: Callable[..., Api],
) -> None:
    assert Client().get(reverse("api-folders")).status_code == 401
    assert api(outsider).call("GET", "api-folder", birds.pk)[0] == 404
    assert api(viewer).call("PATCH", "api-folder", birds.pk, body={"name": "x"})[0] == 403
    reader = api(editor, TokenScope.READ)
    assert reader.call("PATCH", "api-folder", birds.pk, body={"name": "x"})[0] == 403

    status, folder = api(editor).call("PATCH", "api-folder", birds.pk, body={"name": "Crows"})

    assert (status, folder["name"], folder["parent"]) == (200, "Crows", None)
    assert api(outsider).call("GET", "api-folders")[1] == {"next": None, "results": []}


def test_folders__pages_by_cursor(birds: Folder, admin: User, api: Callable[..., Api]) -> None:
    for number in range(5):
        FolderFactory.create(parent=birds, name=f"same{number // 2}")
    caller = api(admin)
    names: list[str] = []
    query: dict[str, Any] = {"parent": birds.pk, "limit": 2, "order": "name"}

    while True:
        _, page = caller.call("GET", "api-folders", query=query)
        names += [folder["name"] for folder in page["results"]]
        if not page["next"]:
            break
        query["cursor"] = page["next"].split("cursor=")[1].split("&")[0]

    assert names == ["same0", "same0", "same1", "same1", "same2"]
    for wrong in ({"cursor": "x"}, {"limit": "0"}, {"order": "size"}, {"parent": "x"}):
        assert caller.call("GET", "api-folders", query=wrong)[0] == 400
    assert len(caller.call("GET", "api-folders", query={"parent": "null"})[1]["results"]) == 1


def test_folders__create_move_delete(
    birds: Folder, boats: Folder, editor: User, admin: User, api: Callable[..., Api]
) -> None:
    body = {"name": "Day", "parent": str(birds.pk)}
    status, day = api(editor).call("POST", "api-folders", body=body)
    assert status == 201
    assert api(editor).call("POST", "api-folders", body={"parent": None})[0] == 400
    to_boats = {"parent": str(boats.pk)}
    assert api(editor).call("POST", "api-folder-move", day["id"], body=to_boats)[0] == 403
    assert api(editor).call("DELETE", "api-folder", day["id"])[0] == 403

    status, moved = api(admin).call("POST", "api-folder-move", day["id"], body=to_boats)

    assert (status, moved["root"]) == (200, str(boats.pk))
    contents = api(admin).call("GET", "api-folder-contents", boats.pk)[1]
    assert (contents["items"], contents["folders"], contents["kinds"]) == (0, 1, {})
    assert {other["noun"]: other["count"] for other in contents["others"]} == {
        "vector": 0,
        "map": 0,
        "collection": 0,
        "preset": 0,
    }
    assert api(admin).call("DELETE", "api-folder", day["id"]) == (204, None)


def test_grants__of_administrators(
    birds: Folder,
    editor: User,
    folder_admin: User,
    member: User,
    outsider: User,
    api: Callable[..., Api],
) -> None:
    body = {"user": str(member.pk), "role": "viewer"}
    assert api(editor).call("GET", "api-grants", birds.pk)[0] == 403
    assert api(editor).call("POST", "api-grants", birds.pk, body=body)[0] == 403
    caller = api(folder_admin)
    foreign = {"user": str(outsider.pk), "role": "viewer"}
    unknown = {**foreign, "user": str(birds.pk)}
    answers = [
        caller.call("POST", "api-grants", birds.pk, body=given)[1] for given in (foreign, unknown)
    ]
    assert answers[0]["code"] == "not_a_member"
    assert answers[0] | {"request_id": ""} == answers[1] | {"request_id": ""}

    status, grant = caller.call("POST", "api-grants", birds.pk, body=body)

    assert status == 201
    listed = caller.call("GET", "api-grants", birds.pk)[1]["results"]
    assert grant["id"] in [row["id"] for row in listed]
    assert caller.call("DELETE", "api-grant", birds.pk, grant["id"])[0] == 204
    assert not FolderGrant.objects.filter(user=member).exists()


def test_items__upload_with_metadata(
    birds: Folder, viewer: User, editor: User, api: Callable[..., Api]
) -> None:
    address = reverse("api-items", args=[birds.pk])

    def send(caller: Api, **given: Any) -> Any:
        return caller.client.post(address, {"file": SimpleUploadedFile("a.png", png()), **given})

    assert send(api(viewer)).status_code == 403
    wrong = send(api(editor), metadata="{")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "not_json")
    assert api(editor).client.post(address, {}).status_code == 400

    answer = send(api(editor), name="owl.png", metadata='{"free": 1}')
    plain = send(api(editor))

    assert (answer.status_code, plain.status_code) == (201, 201)
    assert answer.json()["name"] == "owl.png"
    assert answer.json()["original"].startswith("http://testserver/media/items/")
    item = Item.objects.get(pk=answer.json()["id"])
    assert item.client_metadata == {"free": 1}


def test_items__list_is_narrowed_and_takes_few_queries(
    birds: Folder,
    viewer: User,
    api: Callable[..., Api],
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for number in range(30):
        ItemFactory.create(folder=birds, name=f"bird-{number:02}.png")
    ItemFactory.create(folder=birds, name="late", state="failed", failure="cut off")
    caller = api(viewer)

    with django_assert_max_num_queries(12):
        _, page = caller.call("GET", "api-items", birds.pk, query={"limit": 10, "order": "-name"})

    assert [item["name"] for item in page["results"]][:2] == ["late", "bird-29.png"]
    _, failed = caller.call("GET", "api-items", birds.pk, query={"state": "failed"})
    assert [item["failure"] for item in failed["results"]] == ["cut off"]
    _, found = caller.call("GET", "api-items", birds.pk, query={"search": "BIRD-0"})
    assert len(found["results"]) == 10


def test_item__change_and_delete(
    birds: Folder, viewer: User, editor: User, outsider: User, api: Callable[..., Api]
) -> None:
    item = UnitFactory.create(item__folder=birds, item__client_metadata={"a": 1, "b": 2}).item
    assert api(outsider).call("GET", "api-item", item.pk)[0] == 404
    assert api(viewer).call("PATCH", "api-item", item.pk, body={"metadata": {}})[0] == 403
    assert api(viewer).call("DELETE", "api-item", item.pk)[0] == 403
    caller = api(editor)
    status, problem = caller.call("PATCH", "api-item", item.pk, body={"metadata": [1]})
    assert (status, problem["errors"][0]["path"]) == (400, "item.metadata")

    merged = {"metadata": {"b": 3}, "merge": True, "name": "owl"}
    assert caller.call("PATCH", "api-item", item.pk, body=merged)[1]["metadata"] == {"a": 1, "b": 3}
    replaced = caller.call("PATCH", "api-item", item.pk, body={"metadata": {"c": 4}})[1]

    assert (replaced["metadata"], replaced["name"]) == ({"c": 4}, "owl")
    assert caller.call("POST", "api-item-retry", item.pk)[0] == 409
    assert caller.call("DELETE", "api-item", item.pk) == (204, None)


def test_items__delete_many(
    birds: Folder, night: Folder, viewer: User, editor: User, api: Callable[..., Api]
) -> None:
    items = [str(UnitFactory.create(item__folder=birds).item.pk) for _ in range(3)]
    other = str(UnitFactory.create(item__folder=night).item.pk)
    assert api(viewer).call("POST", "api-items-delete", birds.pk, body={"items": items})[0] == 403
    mixed = {"items": [*items, other]}
    assert api(editor).call("POST", "api-items-delete", birds.pk, body=mixed)[0] == 404
    assert api(editor).call("POST", "api-items-delete", birds.pk, body={"items": []})[0] == 400

    answer = api(editor).call("POST", "api-items-delete", birds.pk, body={"items": items})

    assert answer == (200, {"items": 3, "job": None, "left_collections": 0, "left_maps": 0})
    assert Unit.objects.count() == 1


def test_units__itself_first_then_frames(
    birds: Folder, viewer: User, outsider: User, api: Callable[..., Api]
) -> None:
    whole = UnitFactory.create(item__folder=birds, kind="video")
    for frame in (5, 0, 3):
        UnitFactory.create(item=whole.item, kind="frame", frame=frame, metadata={})
    assert api(outsider).call("GET", "api-item-units", whole.item.pk)[0] == 404
    caller = api(viewer)

    _, first = caller.call("GET", "api-item-units", whole.item.pk, query={"limit": 2})
    cursor = first["next"].split("cursor=")[1].split("&")[0]
    _, rest = caller.call("GET", "api-item-units", whole.item.pk, query={"cursor": cursor})

    frames = [unit["frame"] for unit in (*first["results"], *rest["results"])]
    assert frames == [None, 0, 3, 5]


def test_imports__write_real_vectors(
    birds: Folder, viewer: User, editor: User, actor_for: ActorFor, api: Callable[..., Api]
) -> None:
    add_key(actor=actor_for(editor), name="vec", type=KeyType.EMBEDDING, dimensions=2)
    item = UnitFactory.create(item__folder=birds, item__name="owl.png").item
    rows = [{"name": "owl.png", "metadata": {"vec": [0.1, -2.0]}}]
    assert api(viewer).call("POST", "api-folder-metadata", birds.pk, body={"items": rows})[0] == 403
    wrong = [{"name": "owl.png", "metadata": {"vec": [0.1]}}, {"name": "tit", "metadata": {}}]
    status, problem = api(editor).call(
        "POST", "api-folder-metadata", birds.pk, body={"items": wrong}
    )
    assert status == 400
    paths = {error["path"] for error in problem["errors"]}
    assert paths == {"items.0.metadata.vec", "items.1.name"}

    status, report = api(editor).call("POST", "api-folder-metadata", birds.pk, body={"items": rows})

    assert (status, report["vectors"]) == (200, {"vec": 1})
    _, read = api(viewer).call("GET", "api-item", item.pk, query={"vectors": "true"})
    assert read["metadata"]["vec"] == pytest.approx([0.1, -2.0])
    assert "vec" not in api(viewer).call("GET", "api-item", item.pk)[1]["metadata"]


def test_schema__over_rest(
    birds: Folder, viewer: User, editor: User, admin: User, outsider: User, api: Callable[..., Api]
) -> None:
    body = {"name": "label", "type": "enum", "values": ["owl"]}
    assert api(viewer).call("POST", "api-schema-keys", body=body)[0] == 403
    _, problem = api(editor).call("POST", "api-schema-keys", body={**body, "name": "$x"})
    assert problem["errors"][0]["path"] == "name"

    status, key = api(editor).call("POST", "api-schema-keys", body=body)

    assert (status, key["values"], key["metric"]) == (201, ["owl"], None)
    assert api(outsider).call("GET", "api-schema-key", key["id"])[0] == 404
    more = {"add_values": ["tit"]}
    assert api(viewer).call("PATCH", "api-schema-key", key["id"], body=more)[0] == 403
    grown = api(editor).call("PATCH", "api-schema-key", key["id"], body=more)[1]
    assert grown["values"] == ["owl", "tit"]
    assert api(editor).call("DELETE", "api-schema-key", key["id"])[0] == 403
    assert api(admin).call("DELETE", "api-schema-key", key["id"])[0] == 204
    assert api(viewer).call("GET", "api-schema-keys")[1]["results"] == []
    listed = api(viewer).call("GET", "api-schema-keys", query={"deleted": "true"})[1]["results"]
    assert [row["name"] for row in listed] == ["label"]
    assert api(editor).call("POST", "api-schema-key-restore", key["id"])[0] == 403
    assert api(admin).call("POST", "api-schema-key-restore", key["id"])[0] == 200
    assert MetadataKey.objects.live().exists()


def test_find__what_the_caller_sees(
    birds: Folder, night: Folder, viewer: User, outsider: User, api: Callable[..., Api]
) -> None:
    UnitFactory.create(item__folder=night, item__name="Nightjar.png")

    nothing = api(outsider).call("GET", "api-find", query={"search": "night"})[1]
    found = api(viewer).call("GET", "api-find", query={"search": "night"})[1]

    assert (nothing["folders"], nothing["items"]) == ([], [])
    assert [folder["name"] for folder in found["folders"]] == ["Night"]
    assert [item["name"] for item in found["items"]] == ["Nightjar.png"]
    assert (found["more_folders"], found["more_items"]) == (False, False)


def test_items__move_and_edit_many(
    birds: Folder, night: Folder, boats: Folder, viewer: User, editor: User, api: Callable[..., Api]
) -> None:
    UnitFactory.create_batch(3, item__folder=birds)
    move = {"all": True, "to": str(night.pk)}
    edit = {"all": True, "metadata": {"note": "seen"}}
    assert api(viewer).call("POST", "api-items-move", birds.pk, body=move)[0] == 403
    unseen = move | {"to": str(boats.pk)}
    assert api(editor).call("POST", "api-items-move", birds.pk, body=unseen)[0] == 404
    both = move | {"items": []}
    assert api(editor).call("POST", "api-items-move", birds.pk, body=both)[0] == 400

    moved = api(editor).call("POST", "api-items-move", birds.pk, body=move)
    edited = api(editor).call("POST", "api-items-metadata", night.pk, body=edit)

    assert (moved[0], moved[1]["items"], moved[1]["job"]) == (200, 3, None)
    assert (edited[0], edited[1]["items"]) == (200, 3)
    assert {item.folder for item in Item.objects.all()} == {night}
    assert all(item.client_metadata == {"note": "seen"} for item in Item.objects.all())
