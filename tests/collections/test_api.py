"""Collections over REST and as a field of filters."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection
from collections_app.querysets import visible_units
from collections_app.services.collections import update_collection
from collections_app.services.members import add_units, remove_units
from core.errors import InvalidInput
from folders import filters
from folders.choices import FolderRole
from folders.models import Folder, Unit
from folders.services.moves import move_folder

ActorFor = Callable[[User], Actor]


def names(actor: Actor, root: Folder, tree: dict[str, Any]) -> set[str]:
    """Names of the units that match."""
    found = filters.units(actor, root, filters.parse(tree))
    return set(found.values_list("item__name", flat=True))


def leaf(op: str, value: Any) -> dict[str, Any]:
    return {"field": "collection", "op": op, "value": value}


def test_filter__by_membership(
    birds: Folder,
    singers: Collection,
    birds_units: list[Unit],
    editor: User,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    actor = actor_for(editor)
    add_units(actor=actor, collection=singers, units=[birds_units[0].pk, birds_units[3].pk])
    here = str(singers.pk)

    assert names(actor, birds, leaf("in", [here])) == {"robin.png", "owl.png"}
    assert names(actor, birds, leaf("eq", here)) == {"robin.png", "owl.png"}
    assert len(names(actor, birds, leaf("not_in", [here]))) == 3
    assert names(actor_for(night_viewer), birds, leaf("in", [here])) == {"owl.png"}


def test_filter__refuses_collections_of_elsewhere(
    birds: Folder, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    fleet = Collection.objects.create(root=boats, name="Fleet")

    with pytest.raises(InvalidInput) as refused:
        names(actor_for(admin), birds, leaf("in", [str(fleet.pk)]))
    with pytest.raises(InvalidInput):
        names(actor_for(admin), birds, leaf("in", ["nonsense"]))

    assert refused.value.errors[0].path == "value.0"


def test_api__lists_with_counts_of_what_is_seen(
    birds: Folder,
    singers: Collection,
    birds_units: list[Unit],
    client: Client,
    editor: User,
    member: User,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    add_units(actor=actor_for(editor), collection=singers, units=[unit.pk for unit in birds_units])
    target = reverse("api-folder-collections", args=[birds.pk])
    client.force_login(member)
    assert client.get(target).status_code == 404

    for user, units in ((editor, 5), (night_viewer, 2)):
        client.force_login(user)
        [found] = client.get(target).json()["results"]
        assert (found["name"], found["units"]) == ("Singers", units)


def test_api__creates_changes_and_deletes(
    birds: Folder, birds_units: list[Unit], client: Client, viewer: User, editor: User
) -> None:
    target = reverse("api-folder-collections", args=[birds.pk])
    asked = {"name": "Dawn", "filter": {"field": "name", "op": "contains", "value": "r"}}
    client.force_login(viewer)
    assert _send(client.post, target, asked).status_code == 403

    client.force_login(editor)
    made = _send(client.post, target, asked)
    assert made.status_code == 201
    assert made.json()["units"] == 3
    assert made.json()["recipe"][0]["filter"] == asked["filter"]
    assert _send(client.post, target, asked).status_code == 409

    one = reverse("api-collection", args=[made.json()["id"]])
    assert _send(client.patch, one, {"description": "loud"}).json()["description"] == "loud"
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_api__adds_and_removes_units(
    singers: Collection, birds_units: list[Unit], client: Client, viewer: User, editor: User
) -> None:
    target = reverse("api-collection-units", args=[singers.pk])
    asked = {"units": [unit.pk for unit in birds_units[:3]]}
    client.force_login(viewer)
    assert _send(client.post, target, asked).status_code == 403

    client.force_login(editor)
    assert _send(client.post, target, asked).json() == {"changed": 3, "unchanged": 0}
    assert _send(client.delete, target, {"units": asked["units"][:1]}).json() == {
        "changed": 1,
        "unchanged": 0,
    }
    assert singers.members.count() == 2
    assert _send(client.post, target, {**asked, "filter": {"all": []}}).status_code == 400


def test_pages__list_rename_and_delete(
    singers: Collection,
    birds_units: list[Unit],
    client: Client,
    viewer: User,
    editor: User,
    outsider: User,
    actor_for: ActorFor,
) -> None:
    add_units(actor=actor_for(editor), collection=singers, units=[birds_units[0].pk])
    page = reverse("collection", args=[singers.pk])
    update = reverse("collection-update", args=[singers.pk])
    client.force_login(outsider)
    assert client.get(page).status_code == 404
    assert "No collections yet" in client.get(reverse("collections")).content.decode()
    client.force_login(viewer)
    assert "Added 1 unit picked by hand" in client.get(page).content.decode()
    assert client.post(update, {"name": "Other"}).status_code == 403

    client.force_login(editor)
    assert "Singers" in client.get(reverse("collections")).content.decode()
    assert client.post(update, {"name": ""}).status_code == 422
    assert client.post(update, {"name": "Other"})["Location"] == page
    client.post(reverse("collection-delete", args=[singers.pk]))

    assert not Collection.objects.exists()


def test_pages__create(birds: Folder, client: Client, viewer: User, editor: User) -> None:
    target = reverse("collection-create", args=[birds.pk])
    client.force_login(viewer)
    assert client.post(target, {"name": "New"}).status_code == 403

    client.force_login(editor)
    assert client.post(target, {"name": "New"}).status_code == 302
    assert client.post(target, {"name": "new"}).status_code == 422
    assert Collection.objects.count() == 1


def _send(method: Callable[..., Any], target: str, body: dict[str, Any]) -> Any:
    return method(target, json.dumps(body), content_type="application/json")


def test_recipe__who_sees_a_part_of_the_root_reads_his_own_steps_only(
    night: Folder,
    singers: Collection,
    birds_units: list[Unit],
    client: Client,
    viewer: User,
    editor: User,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    add_units(actor=actor_for(editor), collection=singers, units=[unit.pk for unit in birds_units])
    night_viewer.folder_grants.update(role=FolderRole.EDITOR)
    remove_units(actor=actor_for(night_viewer), collection=singers, units=[birds_units[3].pk])
    address = reverse("api-collection", args=[singers.pk])
    page = reverse("collection", args=[singers.pk])

    client.force_login(night_viewer)
    assert [step["action"] for step in client.get(address).json()["recipe"]] == ["removed"]
    assert "Added 5 units" not in client.get(page).content.decode()

    client.force_login(viewer)
    assert [step["units"] for step in client.get(address).json()["recipe"]] == [5, 1]
    assert "Added 5 units" in client.get(page).content.decode()


def test_page__units_that_left_the_root_do_not_count(
    night: Folder, singers: Collection, birds_units: list[Unit], admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(admin)
    add_units(actor=actor, collection=singers, units=[unit.pk for unit in birds_units])

    move_folder(actor=actor, folder=night, parent=None)

    assert visible_units(actor, singers).count() == 3


def test_update_collection__leaves_what_it_was_not_asked_for(
    singers: Collection, editor: User, actor_for: ActorFor
) -> None:
    stale = Collection.objects.get(pk=singers.pk)
    update_collection(actor=actor_for(editor), collection=singers, name="Choir")

    update_collection(actor=actor_for(editor), collection=stale, description="loud")

    singers.refresh_from_db()
    assert (singers.name, singers.description) == ("Choir", "loud")
