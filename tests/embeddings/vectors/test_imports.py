"""Import of vectors for items that are there, over REST and as part of metadata."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from core.errors import InvalidInput
from core.models import AuditEvent
from embeddings.models import Vector
from embeddings.services import addresses, imports
from embeddings.services.metadata_vectors import read_metadata_vectors, write_metadata_vectors
from folders.choices import ItemKind, ItemState, UnitKind
from folders.media.frame_times import FrameTimes
from folders.models import Folder, Item, MetadataKey, Unit
from folders.services.frames import probe_item
from folders.storage import save_original
from tests.embeddings.worlds import make_key, make_units, stored
from tests.factories import ItemFactory, UnitFactory
from tests.folders.media_files import video

ActorFor = Callable[[User], Actor]
Post = Callable[[User, Folder, Any], Any]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def post(client: Client, actor_for: ActorFor) -> Post:
    """Posts a body as somebody's API token would."""

    def send(user: User, folder: Folder, body: Any) -> Any:
        _, token = create_token(actor=actor_for(user), name="test", scope=TokenScope.WRITE)
        return client.post(
            f"/api/v1/folders/{folder.pk}/vectors/",
            data=body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    return send


def item_of(unit_id: int) -> Item:
    return Unit.objects.select_related("item").get(pk=unit_id).item


def test_vectors__only_editors_write(
    birds: Folder, key: MetadataKey, viewer: User, outsider: User, editor: User, post: Post
) -> None:
    (unit,) = make_units(birds, 1)
    body = {"key": key.name, "vectors": [{"item": str(item_of(unit).pk), "values": [1, 2]}]}

    assert post(outsider, birds, body).status_code == 404
    assert post(viewer, birds, body).status_code == 403
    assert not Vector.objects.exists()

    answer = post(editor, birds, body)
    assert (answer.status_code, answer.json()) == (200, {"written": 1, "dimensions": 2})
    assert stored(key)[unit].tolist() == [1, 2]
    event = AuditEvent.objects.get(action="vectors.imported")
    assert event.data == {"key": key.name, "count": 1}


def test_vectors__items_by_name_also_in_folders_below(
    birds: Folder, night: Folder, key: MetadataKey, editor: User, post: Post
) -> None:
    above = UnitFactory.create(item__folder=birds, item__name="a.png")
    below = UnitFactory.create(item__folder=night, item__name="b.png")
    vectors = [{"name": "a.png", "values": [1, 2]}, {"name": "b.png", "values": [3, 4.5]}]

    assert post(editor, birds, {"key": key.name, "vectors": vectors}).status_code == 200

    assert stored(key)[above.pk].tolist() == [1, 2]
    assert stored(key)[below.pk].tolist() == [3, 4.5]


def test_vectors__every_wrong_entry_is_named_and_nothing_is_written(
    birds: Folder, night: Folder, boats: Folder, key: MetadataKey, editor: User, post: Post
) -> None:
    UnitFactory.create(item__folder=birds, item__name="twice.png")
    UnitFactory.create(item__folder=night, item__name="twice.png")
    good = UnitFactory.create(item__folder=birds, item__name="good.png")
    elsewhere = UnitFactory.create(item__folder=boats)
    vectors = [
        {"name": "good.png", "values": [1, 2]},
        {"name": "twice.png", "values": [1, 2]},
        {"name": "gone.png", "values": [1, 2]},
        {"item": str(uuid4()), "values": [1, 2]},
        {"item": str(elsewhere.item_id), "values": [1, 2]},
        {"item": str(good.item_id), "values": [1, 2]},
        {"name": "good.png", "frame": 3, "values": [1, 2]},
        {"name": "good.png", "values": [1, "2"]},
        {"name": "good.png", "values": [1, 2, 3]},
        {"name": "good.png", "values": [[1, 2]]},
        {"name": "good.png", "values": None},
        {"name": "good.png", "values": [1, 1e39]},
    ]

    answer = post(editor, birds, {"key": key.name, "vectors": vectors})

    assert answer.status_code == 400
    problem = answer.json()
    found = {(error["path"], error["code"]) for error in problem["errors"]}
    assert found >= {
        ("vectors.1.name", "ambiguous_name"),
        ("vectors.2.name", "unknown_item"),
        ("vectors.3.item", "unknown_item"),
        ("vectors.4.item", "unknown_item"),
        ("vectors.5", "repeated"),
        ("vectors.6.frame", "unknown_frame"),
        ("vectors.7.values.1", "not_a_number"),
        ("vectors.8.values", "wrong_length"),
        ("vectors.9.values.0", "not_a_number"),
        ("vectors.10.values", "not_a_vector"),
        ("vectors.11.values.1", "not_finite"),
    }
    assert problem["error_count"] == len(problem["errors"])
    assert not Vector.objects.exists()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"vectors": [{"name": "a", "values": [1]}]}, "key"),
        ({"key": 3, "vectors": [{"name": "a", "values": [1]}]}, "key"),
        ({"key": "k"}, "vectors"),
        ({"key": "k\0", "vectors": [{"name": "a", "values": [1]}]}, "key"),
        ({"key": "k", "vectors": [{"name": "\0", "values": [1]}]}, "vectors.0.name"),
        ({"key": "k", "vectors": [{"name": "\ud800", "values": [1]}]}, "vectors.0.name"),
        ({"key": "k", "vectors": [{"name": "a", "values": [1], "\ud800": 1}]}, "vectors.0.\\ud800"),
        ({"key": "k", "vectors": []}, "vectors"),
        ({"key": "k", "vectors": [3]}, "vectors.0"),
        ({"key": "k", "vectors": [{"values": [1]}]}, "vectors.0"),
        ({"key": "k", "vectors": [{"name": "a", "item": "b", "values": [1]}]}, "vectors.0"),
        ({"key": "k", "vectors": [{"name": 5, "values": [1]}]}, "vectors.0.name"),
        ({"key": "k", "vectors": [{"item": "x", "values": [1]}]}, "vectors.0.item"),
        ({"key": "k", "vectors": [{"name": "a", "frame": -1, "values": [1]}]}, "vectors.0.frame"),
        ({"key": "k", "vectors": [{"name": "a", "frame": True, "values": [1]}]}, "vectors.0.frame"),
        ({"key": "k", "vectors": [{"name": "a"}]}, "vectors.0.values"),
        ({"key": "k", "vectors": [{"name": "a", "values": [1], "x": 1}]}, "vectors.0.x"),
    ],
)
def test_vectors__body_that_is_not_as_documented(
    body: Any, path: str, birds: Folder, editor: User, post: Post
) -> None:
    answer = post(editor, birds, body)

    assert answer.status_code == 400
    assert path in {error["path"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("body", ["[]", "3", "{", '{"key": "k", "vectors": [NaN]}'])
def test_vectors__body_that_is_no_object(
    body: str, birds: Folder, editor: User, post: Post
) -> None:
    assert post(editor, birds, body).status_code == 400


def test_vectors__key_that_is_not_there_or_of_others(
    birds: Folder, editor: User, outsider: User, actor_for: ActorFor, post: Post
) -> None:
    (unit,) = make_units(birds, 1)
    theirs = make_key(birds, dimensions=2)
    theirs.organisation = actor_for(outsider).organisation
    theirs.save()
    vectors = [{"item": str(item_of(unit).pk), "values": [1, 2]}]

    for name in ("nothing", theirs.name):
        answer = post(editor, birds, {"key": name, "vectors": vectors})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_key")


def test_vectors__first_one_gives_the_key_its_size(birds: Folder, editor: User, post: Post) -> None:
    unsized = make_key(birds, dimensions=None)
    first, second = make_units(birds, 2)
    body: dict[str, Any] = {
        "key": unsized.name,
        "vectors": [
            {"item": str(item_of(first).pk), "values": [1, 2, 3]},
            {"item": str(item_of(second).pk), "values": [1, 2]},
        ],
    }

    refusal = post(editor, birds, body)
    unsized.refresh_from_db()
    assert refusal.json()["errors"][0]["path"] == "vectors.1.values"
    assert unsized.dimensions is None

    body["vectors"].pop()
    assert post(editor, birds, body).json() == {"written": 1, "dimensions": 3}


def test_vectors__named_frames_of_a_video_become_key_frames(
    birds: Folder, key: MetadataKey, editor: User, post: Post, tmp_path: Path
) -> None:
    item = ItemFactory.create(folder=birds, kind=ItemKind.VIDEO, name="a.mp4")
    UnitFactory.create(item=item, kind=UnitKind.VIDEO)
    item.storage_key = save_original(item.pk, io.BytesIO(video(tmp_path, frames=12)))
    item.save()
    sampled = Unit.objects.create(item=item, frame=0, kind=UnitKind.FRAME, folder=birds, root=birds)

    refusal = post(
        editor,
        birds,
        {"key": key.name, "vectors": [{"name": "a.mp4", "frame": 12, "values": [1, 2]}]},
    )
    assert refusal.json()["errors"][0]["code"] == "unknown_frame"
    assert Unit.objects.filter(item=item).count() == 2

    vectors = [{"name": "a.mp4", "frame": frame, "values": [frame, 1]} for frame in (0, 7, 11)]
    vectors.append({"name": "a.mp4", "values": [9, 9]})
    with CaptureQueriesContext(connection) as queries:
        assert post(editor, birds, {"key": key.name, "vectors": vectors}).status_code == 200
    # Overlapping batches must take the rows in one order.
    marked = [q["sql"] for q in queries if '"is_key_frame"' in q["sql"] and "FOR NO" in q["sql"]]
    assert marked
    assert all(" ORDER BY " in sql for sql in marked)

    frames = Unit.objects.filter(item=item, is_key_frame=True).values_list("frame", flat=True)
    assert set(frames) == {0, 7, 11}
    assert stored(key)[sampled.pk].tolist() == [0, 1]
    assert len(stored(key)) == 4


def test_vectors__videos_are_read_before_the_tree_is_locked(
    birds: Folder,
    key: MetadataKey,
    editor: User,
    post: Post,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = ItemFactory.create(folder=birds, kind=ItemKind.VIDEO, name="a.mp4")
    UnitFactory.create(item=item, kind=UnitKind.VIDEO)
    item.storage_key = save_original(item.pk, io.BytesIO(video(tmp_path, frames=12)))
    item.save()
    steps: list[str] = []

    def probe(item: Item) -> FrameTimes:
        steps.append("probe")
        return probe_item(item)

    monkeypatch.setattr(addresses, "probe_item", probe)
    monkeypatch.setattr(imports, "share_tree", lambda _: steps.append("lock"))
    vectors = [{"name": "a.mp4", "frame": frame, "values": [1, 2]} for frame in (3, 5)]

    assert post(editor, birds, {"key": key.name, "vectors": vectors}).status_code == 200
    assert post(editor, birds, {"key": key.name, "vectors": vectors}).status_code == 200

    assert steps == ["probe", "lock", "lock"]


def test_metadata_vectors__come_back_as_they_were_written(birds: Folder) -> None:
    first, second = make_units(birds, 2)
    one, two = make_key(birds, dimensions=2), make_key(birds, dimensions=1)
    write_metadata_vectors(
        key=one, unit_ids=[first, second], values=[[0.1, -2], [3, 4]], paths=["a", "b"]
    )
    write_metadata_vectors(key=two, unit_ids=[second], values=[[0.7]], paths=["c"])

    assert read_metadata_vectors(unit_ids=[first, second, 10**12]) == {
        first: {one.name: [0.1, -2.0]},
        second: {one.name: [3.0, 4.0], two.name: [0.7]},
    }


def test_metadata_vectors__errors_stand_under_their_paths(birds: Folder, key: MetadataKey) -> None:
    units = make_units(birds, 3)

    with pytest.raises(InvalidInput) as refusal:
        write_metadata_vectors(
            key=key,
            unit_ids=units,
            values=[[1, 2], [1], [1, float("nan")]],
            paths=["items.0.metadata.e", "items.1.metadata.e", "items.2.metadata.e"],
        )

    paths = [error.path for error in refusal.value.errors]
    assert paths == ["items.1.metadata.e", "items.2.metadata.e.1"]
    assert not Vector.objects.exists()


def test_item_states__do_not_matter_for_vectors(
    birds: Folder, key: MetadataKey, editor: User, post: Post
) -> None:
    unit = UnitFactory.create(
        item__folder=birds, item__name="late.png", item__state=ItemState.PROCESSING
    )

    answer = post(
        editor, birds, {"key": key.name, "vectors": [{"name": "late.png", "values": [1, 2]}]}
    )

    assert answer.status_code == 200
    assert list(stored(key)) == [unit.pk]
