"""Collections made of others, by the service, over REST and by the page."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from collections_app.choices import Operation
from collections_app.models import Collection
from collections_app.services import matching as matching_service
from collections_app.services.collections import create_collection, delete_collection
from collections_app.services.combining import combine_collections
from collections_app.services.members import add_units
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent
from folders.models import Folder, Unit
from tests.collections.test_members import members
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def waders(
    birds: Folder,
    singers: Collection,
    birds_units: list[Unit],
    editor: User,
    actor_for: ActorFor,
) -> Collection:
    """Singers holds robin, wren, gull and owl; this one gull, owl and nightjar."""
    actor = actor_for(editor)
    made = create_collection(actor=actor, root=birds, name="Waders")
    add_units(actor=actor, collection=singers, units=[unit.pk for unit in birds_units[:4]])
    add_units(actor=actor, collection=made, units=[unit.pk for unit in birds_units[2:]])
    return made


@pytest.mark.parametrize(
    ("operation", "expected", "words"),
    [
        (
            Operation.UNION,
            {"robin.png", "wren.png", "gull.png", "owl.png", "nightjar.png"},
            "Added 5 units from the union of Singers and Waders",
        ),
        (
            Operation.INTERSECTION,
            {"gull.png", "owl.png"},
            "Added 2 units in Singers and Waders at once",
        ),
        (
            Operation.DIFFERENCE,
            {"robin.png", "wren.png"},
            "Added 2 units in Singers but not in Waders",
        ),
    ],
)
def test_combine__makes_what_it_says_and_tells_of_it(
    operation: Operation,
    expected: set[str],
    words: str,
    birds: Folder,
    singers: Collection,
    waders: Collection,
    editor: User,
    viewer: User,
    client: Client,
    actor_for: ActorFor,
) -> None:
    ids = [singers.pk, waders.pk]
    asked: dict[str, Any] = {"root": birds, "operation": operation, "collections": ids}
    with pytest.raises(NotAllowed):
        combine_collections(actor=actor_for(viewer), name="New", **asked)

    done = combine_collections(actor=actor_for(editor), name="New", colour=3, **asked)

    assert members(done.collection) == expected
    assert done.collection.colour == 3
    assert (members(singers), members(waders)) == (
        {"robin.png", "wren.png", "gull.png", "owl.png"},
        {"gull.png", "owl.png", "nightjar.png"},
    )
    client.force_login(viewer)
    told = client.get(reverse("api-collection", args=[done.collection.pk])).json()["recipe"]
    assert [step["words"] for step in told] == [words]
    assert AuditEvent.objects.filter(target_id=done.collection.pk).count() == 2


def test_combine__a_copy_stays_when_its_origin_changes_or_goes(
    birds: Folder, singers: Collection, waders: Collection, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)

    done = combine_collections(
        actor=actor,
        root=birds,
        operation=Operation.COPY,
        collections=[waders.pk],
        name="Copy of Waders",
    )
    delete_collection(actor=actor, collection=waders)

    assert members(done.collection) == {"gull.png", "owl.png", "nightjar.png"}


def test_combine__refuses_what_makes_no_set(
    birds: Folder,
    boats: Folder,
    singers: Collection,
    waders: Collection,
    admin: User,
    outsider: User,
    actor_for: ActorFor,
) -> None:
    actor = actor_for(admin)
    fleet = create_collection(actor=actor, root=boats, name="Fleet")

    def refused(
        kind: type[Exception], operation: Operation, ids: list[Any], name: str = "N"
    ) -> Any:
        with pytest.raises(kind) as found:
            combine_collections(
                actor=actor, root=birds, operation=operation, collections=ids, name=name
            )
        return found.value

    assert refused(InvalidInput, Operation.UNION, []).code == "nothing_chosen"
    # The same one twice is one.
    twice = [singers.pk, singers.pk]
    assert refused(InvalidInput, Operation.DIFFERENCE, twice).code == "nothing_chosen"
    assert refused(InvalidInput, Operation.COPY, [singers.pk, waders.pk]).code == "too_many"
    strange = refused(InvalidInput, Operation.UNION, [singers.pk, fleet.pk])
    assert (strange.code, strange.errors[0].path) == ("different_roots", "collections.1")
    refused(NotFound, Operation.UNION, [singers.pk, uuid4()])
    both = [singers.pk, waders.pk]
    assert refused(Conflict, Operation.UNION, both, "waders").code == "name_taken"
    with pytest.raises(NotFound):
        combine_collections(
            actor=actor_for(outsider),
            root=birds,
            operation=Operation.UNION,
            collections=both,
            name="N",
        )
    assert Collection.objects.count() == 3


def test_combine__many_units_by_a_worker(
    birds: Folder,
    singers: Collection,
    waders: Collection,
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching_service, "MAX_UNITS_IN_REQUEST", 1)
    monkeypatch.setattr(matching_service, "UNITS_PER_BATCH", 2)

    done = combine_collections(
        actor=actor_for(editor),
        root=birds,
        operation=Operation.UNION,
        collections=[singers.pk, waders.pk],
        name="All",
    )
    assert done.job is not None
    [ended] = run_jobs()

    assert ended.result == {"added": 5}
    done.collection.refresh_from_db()
    assert [step["operation"] for step in done.collection.recipe] == ["union"]


def test_combine__who_sees_a_part_gets_that_part(
    birds: Folder,
    singers: Collection,
    waders: Collection,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    night_viewer.folder_grants.update(role="editor")

    done = combine_collections(
        actor=actor_for(night_viewer),
        root=birds,
        operation=Operation.UNION,
        collections=[singers.pk, waders.pk],
        name="Mine",
    )

    assert members(done.collection) == {"owl.png", "nightjar.png"}


def test_api__combines(
    birds: Folder,
    singers: Collection,
    waders: Collection,
    client: Client,
    outsider: User,
    viewer: User,
    editor: User,
) -> None:
    target = reverse("api-folder-combine", args=[birds.pk])
    ids = [str(waders.pk), str(singers.pk)]
    asked = {"name": "Rest", "colour": 7, "operation": "difference", "collections": ids}
    for user, status in ((outsider, 404), (viewer, 403)):
        client.force_login(user)
        assert _send(client, target, asked).status_code == status

    client.force_login(editor)
    made = _send(client, target, asked)

    assert (made.status_code, made.json()["units"], made.json()["colour"]) == (201, 1, 7)
    assert _send(client, target, asked).json()["code"] == "name_taken"
    assert _send(client, target, {**asked, "collections": []}).json()["code"] == "nothing_chosen"
    assert _send(client, target, {**asked, "colour": 13}).status_code == 400


def test_page__asks_then_makes(
    birds: Folder,
    singers: Collection,
    waders: Collection,
    client: Client,
    outsider: User,
    viewer: User,
    editor: User,
) -> None:
    target = reverse("collection-combine", args=[birds.pk])
    ticked = {"collection": [str(singers.pk), str(waders.pk)], "operation": "difference"}
    for user, status in ((outsider, 404), (viewer, 403)):
        client.force_login(user)
        assert client.post(target, ticked).status_code == status

    client.force_login(editor)
    asked = client.post(target, {**ticked, "ask": "1", "base": str(waders.pk)})
    counts = [choice.count for choice in asked.context["choices"]]
    assert counts == [5, 2, 1]
    one = client.post(target, {"collection": str(waders.pk), "ask": "1"})
    assert one.context["said"]["name"] == "Copy of Waders"
    assert client.post(target, {**ticked, "name": ""}).status_code == 422
    assert client.post(target, {**ticked, "name": "New", "colour": "red"}).status_code == 422

    made = client.post(target, {**ticked, "name": "New", "colour": "2", "base": str(waders.pk)})

    found = Collection.objects.get(name="New")
    assert made["Location"] == reverse("collection", args=[found.pk])
    assert (members(found), found.colour) == ({"nightjar.png"}, 2)
    # Nothing ticked leads back and says so.
    back = client.post(target, {"ask": "1"}, follow=True)
    assert "Tick the collections" in back.content.decode()


def _send(client: Client, target: str, body: dict[str, Any]) -> Any:
    return client.post(target, json.dumps(body), content_type="application/json")
