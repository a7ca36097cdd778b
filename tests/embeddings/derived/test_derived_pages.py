"""Derived vectors where people and programs see them: REST, the dialog, item pages, tiles."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from core.models import Job
from embeddings import holding
from embeddings.holding import Holding, holdings, holdings_of
from explorer.query import Row
from explorer.tiles import tiles_of
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from folders.reading import VectorRow, full_metadata, vector_rows
from folders.services.imports import MetadataChange, update_metadata
from tests.embeddings.derived.test_derived import group, run, video
from tests.embeddings.worlds import make_key, put
from tests.factories import UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2, metric=Metric.L2)


def held(unit: int, key: MetadataKey) -> tuple[str, str]:
    found = holdings([unit], key)[unit]
    return found.badge, found.sentence


def test_holdings__of_wholes(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    film, *frames = video(birds)
    other, *_ = video(birds, "b.mp4")
    pair, *parts = group(birds, 2)
    still = UnitFactory.create(item__folder=birds).pk
    put(key, {frames[0]: [1, 1], frames[3]: [2, 2], parts[1]: [3, 3], still: [4, 4]})

    assert held(film, key) == ("on 2 frames", "2 frames have a vector")
    assert held(pair, key) == ("on 1 image", "1 image has a vector")
    assert held(other, key) == ("", "")
    # Frames, parts and images of their own have a vector or none.
    assert set(holdings([film, frames[0], parts[1], still], key)) == {film}
    put(key, {other: [9, 9]})
    assert held(other, key) == ("own", "Has a vector of its own")
    run(actor_for(editor), birds, key)
    assert held(film, key) == (
        "mean of 2 frames",
        "Derived vector: mean of 2 frames; 2 frames have one",
    )
    put(key, {film: [5, 5]})
    assert held(film, key) == ("own", "Has a vector of its own; 2 frames have one")


def test_holdings__count_up_to_a_limit(
    birds: Folder, key: MetadataKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MAX_COUNTED", 2)
    film, *frames = video(birds)
    put(key, {frame: [1, 1] for frame in frames})

    assert held(film, key) == ("on 2+ frames", "2+ frames have a vector")


def test_holdings_of__each_live_key_that_has_any(birds: Folder, key: MetadataKey) -> None:
    other = make_key(birds, dimensions=2)
    make_key(birds, dimensions=2)
    film, frame, *_ = video(birds)
    put(key, {film: [1, 1]})
    put(other, {frame: [1, 1]})

    assert holdings_of(film) == {
        key.name: Holding(own=True),
        other.name: Holding(members=1),
    }
    assert holdings_of(frame) == {}


def test_tiles__tell_of_vectors_under_the_key(birds: Folder, key: MetadataKey) -> None:
    film, frame, *_ = video(birds)
    put(key, {frame: [1, 1]})
    rows = [Row(unit) for unit in Unit.objects.filter(pk__in=[film, frame]).order_by("pk")]

    tiles = tiles_of(rows, key=key)

    assert [tile.vectors.badge if tile.vectors else None for tile in tiles] == ["on 1 frame", None]
    assert [tile.vectors for tile in tiles_of(rows)] == [None, None]


def test_reading__derived_vectors_are_labelled_and_not_given_as_sent(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    film, frame, *_ = video(birds)
    put(key, {frame: [1, 1]})
    unit = Unit.objects.get(pk=film)
    only_frames = [VectorRow(key.name, held="1 frame has a vector")]
    assert vector_rows(unit) == only_frames
    run(actor, birds, key)

    (row,) = vector_rows(unit)
    assert (row.dimensions, row.derived) == (2, "mean of 1 frame")
    read = full_metadata([unit.item])[unit.item_id]
    assert read == {"$encord": {"frames": {"0": {key.name: [1.0, 1.0]}}}}
    # So that what is read can be written back, and the vector stays a derived one.
    update_metadata(actor=actor, changes=[MetadataChange(unit.item_id, read)])
    assert held(film, key)[0] == "mean of 1 frame"


def test_item_page__labels_derived_vectors(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor, client: Client
) -> None:
    film, frame, *_ = video(birds)
    put(key, {frame: [1, 1]})
    client.force_login(editor)
    page = f"/items/{Unit.objects.get(pk=film).item_id}/"
    assert "1 frame has a vector" in client.get(page).content.decode()

    run(actor_for(editor), birds, key)

    assert "mean of 1 frame" in client.get(page).content.decode()


def test_rest__derives_and_counts(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    outsider: User,
    viewer: User,
    night_viewer: User,
    editor: User,
    actor_for: ActorFor,
    client: Client,
) -> None:
    above, below = video(birds), video(night)
    put(key, {above[1]: [1, 1], below[1]: [2, 2]})
    path = f"/api/v1/folders/{birds.pk}/derived-vectors/"

    def headers(user: User) -> dict[str, str]:
        _, token = create_token(actor=actor_for(user), name="t", scope=TokenScope.WRITE)
        return {"Authorization": f"Bearer {token}"}

    def post(user: User, **body: str) -> int:
        answer = client.post(path, body, content_type="application/json", headers=headers(user))
        return answer.status_code

    assert client.get(path).status_code == 401
    assert post(outsider, key=key.name, method="mean") == 404
    assert post(viewer, key=key.name, method="mean") == 403
    assert post(editor, key="nothing", method="mean") == 404
    assert post(editor, key=key.name, method="mode") == 400
    assert not Job.objects.exists()
    assert post(editor, key=key.name, method="mean") == 202
    assert post(editor, key=key.name, method="medoid") == 409
    run_jobs()

    counted = client.get(path, headers=headers(viewer)).json()["results"]
    assert counted == [{"key": key.name, "metric": "l2", "mean": 2, "medoid": 0}]
    part = f"/api/v1/folders/{night.pk}/derived-vectors/"
    assert client.get(part, headers=headers(night_viewer)).json()["results"][0]["mean"] == 1


def test_dialog__begins_the_work(
    birds: Folder, key: MetadataKey, viewer: User, editor: User, client: Client
) -> None:
    path = f"/files/{birds.pk}/derived-vectors/"
    client.force_login(editor)
    assert "No vectors yet" in client.get(path).content.decode()
    put(key, {video(birds)[1]: [1, 1]})

    client.force_login(viewer)
    assert "ask for the role Editor" in client.get(path).content.decode()
    assert client.post(path, {"key": key.name, "method": "mean"}).status_code == 403
    client.force_login(editor)
    assert client.post(path, {"key": "nothing"}).status_code == 422
    begun = client.post(path, {"key": key.name, "method": "medoid"})
    assert begun.status_code == 200
    assert "A job derives the vectors" in begun.content.decode()
    refused = client.post(path, {"key": key.name, "method": "mean"})
    assert refused.status_code == 422
    assert "is being derived for this key" in refused.content.decode()

    (job,) = run_jobs()

    assert job.result["derived"] == 1
    assert "(1 derived)" in client.get(path).content.decode()
    assert path in client.get(f"/files/{birds.pk}/").content.decode()
