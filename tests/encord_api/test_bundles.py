"""Bundles without the SDK: what they take, and what they leave."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from core.models import AuditEvent
from embeddings.models import Vector, VectorSet
from encord_api.bundles import ItemPatch, patch_items
from folders.choices import KeyType
from folders.models import Folder, Item, MetadataKey, Unit
from folders.services.schema import add_key
from tests.embeddings.connections import writers
from tests.factories import UnitFactory

ActorFor = Callable[[User], Actor]
PATH = "/v2/public/storage/items/patch-bulk"
DIMENSIONS = 4096


@pytest.fixture
def api(editor: User, actor_for: ActorFor) -> Client:
    """The editor's program."""
    _, token = create_token(actor=actor_for(editor), name="t", scope=TokenScope.WRITE)
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def clip(editor: User, birds: Folder, actor_for: ActorFor) -> MetadataKey:
    """An embedding key of the largest size."""
    return add_key(
        actor=actor_for(editor), name="clip", type=KeyType.EMBEDDING, dimensions=DIMENSIONS
    )


def send(api: Client, patches: dict[str, Any]) -> Any:
    body = json.dumps({"itemPatches": patches})
    return api.patch(PATH, body, content_type="application/json")


def bundle(units: list[Unit], vectors: Any, **more: Any) -> dict[str, Any]:
    return {
        str(unit.item_id): {"clientMetadata": {"clip": vector.tolist(), **more}}
        for unit, vector in zip(units, vectors, strict=True)
    }


def test_bundle__writes_vectors_at_once_whatever_their_number(
    api: Client, birds: Folder, clip: MetadataKey
) -> None:
    units = [UnitFactory.create(item__folder=birds) for _ in range(60)]
    vectors = np.random.default_rng(7).standard_normal((60, DIMENSIONS)).astype(np.float32)
    assert send(api, bundle(units[:1], vectors[:1])).status_code == 200
    counts = []

    for few in (units[1:6], units[6:60]):
        place = units.index(few[0])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = send(api, bundle(few, vectors[place : place + len(few)], label="owl"))
        assert answer.status_code == 200, answer.json()
        counts.append(len(queries))

    assert counts[0] == counts[1] < 60
    stored = dict(Vector.objects.filter(key_id=clip.pk).values_list("unit_id", "value"))
    for unit, vector in zip(units, vectors, strict=True):
        assert np.array_equal(np.asarray(stored[unit.pk], dtype=np.float32), vector)
    # One change of the set for each bundle.
    assert VectorSet.objects.get(root=birds, key=clip).revision == 3
    results = answer.json()["results"]
    assert [one["uuid"] for one in results] == [str(unit.item_id) for unit in units[6:60]]
    assert {one["clientMetadata"] for one in results} == {'{"label": "owl"}'}
    events = AuditEvent.objects.filter(action="item.metadata_updated")
    assert events.first() is not None


def test_bundle__is_all_or_nothing(
    api: Client, birds: Folder, boats: Folder, clip: MetadataKey
) -> None:
    first, second = (UnitFactory.create(item__folder=birds) for _ in range(2))
    hidden = UnitFactory.create(item__folder=boats)
    right = {str(first.item_id): {"name": "new", "clientMetadata": {"a": 1}}}
    wrong: list[tuple[Any, int, str]] = [
        ({str(hidden.item_id): {"name": "x"}}, 403, "no access"),
        ({str(uuid4()): {"name": "x"}}, 403, "no access"),
        ({"nonsense": {}}, 400, "itemPatches.nonsense"),
        ({str(second.item_id): []}, 400, f"itemPatches.{second.item_id}"),
        ({str(second.item_id): {"name": 5}}, 400, f"itemPatches.{second.item_id}.name"),
        ({str(second.item_id): {"name": " "}}, 400, "name"),
        ({str(second.item_id): {"clientMetadata": []}}, 400, "clientMetadata"),
        ({str(second.item_id): {"sceneLayout": {}}}, 405, "support"),
        ({str(second.item_id): {"clientMetadata": {"clip": [1, None]}}}, 400, "clip"),
    ]

    for patches, status, words in wrong:
        answer = send(api, right | patches)
        assert (answer.status_code, words in answer.json()["message"]) == (status, True), patches

    item = Item.objects.get(pk=first.item_id)
    assert (item.name, item.client_metadata) == (first.item.name, {})
    assert send(api, right).json()["results"][0]["name"] == "new"
    assert send(api, {}).json() == {"results": []}
    broken = api.patch(PATH, b'{"itemPatches": {', content_type="application/json")
    assert broken.status_code == 400
    assert "JSON" in broken.json()["message"]


def test_bundle__a_viewer_may_not(
    birds: Folder, viewer: User, actor_for: ActorFor, clip: MetadataKey
) -> None:
    unit = UnitFactory.create(item__folder=birds)
    _, token = create_token(actor=actor_for(viewer), name="t", scope=TokenScope.WRITE)
    api = Client(headers={"Authorization": f"Bearer {token}"})

    for patch in ({"name": "x"}, {"clientMetadata": {"a": 1}}):
        answer = send(api, {str(unit.item_id): patch})
        assert answer.status_code == 403
        assert "Editor" in answer.json()["message"]


@pytest.mark.django_db(transaction=True)
def test_bundle__two_that_overlap_follow_each_other(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    """Each changes names, metadata and vectors of the same items, in opposite orders."""
    actor = actor_for(editor)
    add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=3)
    ids = [UnitFactory.create(item__folder=birds).item_id for _ in range(30)]

    def change(who: str, order: list[UUID]) -> None:
        vector = [1.0, 2.0, float(len(who))]
        patches = [
            ItemPatch(one, f"p.{one}", name=who, metadata={"clip": vector, "by": who})
            for one in order
        ]
        patch_items(actor=actor, patches=patches)

    with writers(2) as (first, second):
        for _ in range(5):
            running = [
                first.start(partial(change, "a", ids)),
                second.start(partial(change, "bb", ids[::-1])),
            ]
            for one in running:
                one.result(timeout=30)

    items = Item.objects.filter(pk__in=ids)
    # Whoever came last did all of it.
    (name,) = set(items.values_list("name", flat=True))
    assert {item.client_metadata["by"] for item in items} == {name}
    values = Vector.objects.filter(unit__item__in=ids).values_list("value", flat=True)
    assert {float(value[2]) for value in values} == {float(len(name))}
    assert VectorSet.objects.get(root=birds).revision == 10
