"""Files of units, read back and compared with what is stored."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from collections_app.exports import records
from collections_app.matching import Matching
from collections_app.models import Export
from collections_app.services.exports import get_export, remove_expired_exports, start_export
from core.errors import InvalidInput, NotFound
from core.models import JobState
from folders.models import Folder, FolderGrant
from tests.collections.comparisons.conftest import World, world  # noqa: F401
from tests.embeddings.worlds import put, stored
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
# Not exactly a decimal of few digits: every bit has to survive.
ODD = [0.1, -1.1754944e-38]


@pytest.fixture
def actor(world: World, viewer: User, actor_for: ActorFor) -> Actor:  # noqa: F811
    """Who exports."""
    put(world.clip, {world.units[0].pk: ODD})
    return actor_for(viewer)


def made(actor: Actor, root: Folder, **asked: Any) -> bytes:
    """The bytes of a finished export."""
    export = start_export(actor=actor, root=root, **asked)
    (job,) = run_jobs()
    assert job.state == JobState.FINISHED, job.error_message
    export.refresh_from_db()
    with default_storage.open(export.storage_key) as file:
        content: bytes = file.read()
    assert export.size == len(content)
    assert job.result["url"] == reverse("export-file", args=[export.pk])
    return content


def test_json__holds_everything_bit_for_bit(actor: Actor, world: World) -> None:  # noqa: F811
    content = made(actor, world.root, format="json", matching=Matching(), keys=["clip"])

    found = {one["unit"]: one for one in json.loads(content)}
    assert list(found) == [unit.pk for unit in world.units]
    first = found[world.units[0].pk]
    assert first["name"] == "bird-0.png"
    assert first["folder"] == "Birds"
    assert first["metadata"] == world.units[0].metadata
    assert found[world.units[9].pk]["folder"] == "Birds/Night"
    assert found[world.units[9].pk]["embeddings"] == {}
    for unit, vector in stored(world.clip).items():
        sent = np.array(found[unit]["embeddings"]["clip"], dtype=np.float32)
        assert sent.tobytes() == vector.tobytes()


def test_csv__has_a_column_for_each_key(actor: Actor, world: World) -> None:  # noqa: F811
    content = made(actor, world.root, format="csv", matching=Matching(), keys=["clip"])

    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [int(row["unit"]) for row in rows] == [unit.pk for unit in world.units]
    assert (rows[3]["metadata.ink"], rows[3]["metadata.label"]) == ("3", "a")
    assert rows[0]["metadata.seen"] == "true"
    assert rows[9]["embedding.clip"] == ""
    vector = np.array(json.loads(rows[0]["embedding.clip"]), dtype=np.float32)
    assert vector.tobytes() == np.array(ODD, dtype=np.float32).tobytes()


def test_csv__keeps_values_of_no_key(actor: Actor, world: World) -> None:  # noqa: F811
    world.units[0].metadata = {"ink": 1, "odd": "a,b\n“c”"}
    world.units[0].save(update_fields=["metadata"])

    content = made(actor, world.root, format="csv", units=[world.units[0].pk])

    (row,) = csv.DictReader(io.StringIO(content.decode()))
    assert json.loads(row["metadata"]) == {"odd": "a,b\n“c”"}


def test_parquet__has_typed_columns(actor: Actor, world: World) -> None:  # noqa: F811
    content = made(actor, world.root, format="parquet", matching=Matching(), keys=["clip"])

    table = pq.read_table(io.BytesIO(content))
    assert table["unit"].to_pylist() == [unit.pk for unit in world.units]
    vectors = table["embedding.clip"].combine_chunks()
    assert vectors.null_count == 1
    flat = np.array(vectors[0].as_py(), dtype=np.float32)
    assert flat.tobytes() == np.array(ODD, dtype=np.float32).tobytes()
    assert json.loads(table["metadata"][2].as_py()) == world.units[2].metadata


def test_export__comes_in_batches(
    actor: Actor,
    world: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "UNITS_PER_BATCH", 3)

    content = made(actor, world.root, format="json", matching=Matching())

    assert [one["unit"] for one in json.loads(content)] == [unit.pk for unit in world.units]


def test_export__of_nothing_is_a_file(actor: Actor, world: World) -> None:  # noqa: F811
    assert json.loads(made(actor, world.root, format="json", units=[])) == []


def test_export__follows_the_filter(actor: Actor, world: World) -> None:  # noqa: F811
    tree = {"field": "metadata.ink", "op": "gte", "value": 7}

    content = made(actor, world.root, format="json", matching=Matching(filter=tree))

    assert [one["metadata"]["ink"] for one in json.loads(content)] == [7, 8, 9]


def test_export__holds_what_the_person_sees(
    world: World,  # noqa: F811
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    units = [unit.pk for unit in world.units]

    content = made(actor_for(night_viewer), world.root, format="json", units=units)

    assert [one["unit"] for one in json.loads(content)] == units[6:]


def test_export__is_not_made_for_who_lost_his_access(
    actor: Actor,
    world: World,  # noqa: F811
) -> None:
    export = start_export(actor=actor, root=world.root, format="json", matching=Matching())
    FolderGrant.objects.filter(user=actor.user).delete()

    (job,) = run_jobs()

    export.refresh_from_db()
    assert job.state == JobState.FAILED
    assert export.storage_key == ""


def test_export__refuses_unknown_formats_and_keys(
    actor: Actor,
    world: World,  # noqa: F811
) -> None:
    with pytest.raises(InvalidInput, match="no format"):
        start_export(actor=actor, root=world.root, format="xls", matching=Matching())
    with pytest.raises(InvalidInput, match="no embedding key “dino”"):
        start_export(actor=actor, root=world.root, format="csv", matching=Matching(), keys=["dino"])
    assert not Export.objects.exists()


def test_export__is_its_makers_alone(
    actor: Actor,
    world: World,  # noqa: F811
    admin: User,
    actor_for: ActorFor,
) -> None:
    export = start_export(actor=actor, root=world.root, format="json", matching=Matching())

    with pytest.raises(NotFound):
        get_export(actor_for(admin), export.pk)
    assert get_export(actor, export.pk) == export


def test_expired_exports__go_with_their_files(actor: Actor, world: World) -> None:  # noqa: F811
    made(actor, world.root, format="json", matching=Matching())
    export = Export.objects.get()
    assert remove_expired_exports() == 0
    Export.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert remove_expired_exports() == 1

    assert not default_storage.exists(export.storage_key)
    assert not Export.objects.exists()


def test_rest__makes_a_file_and_gives_it(
    client: Client,
    world: World,  # noqa: F811
    viewer: User,
    outsider: User,
) -> None:
    address = f"/api/v1/folders/{world.root.pk}/exports/"
    asked = {"format": "json", "units": [world.units[1].pk]}
    client.force_login(outsider)
    assert client.post(address, asked, content_type="application/json").status_code == 404
    client.force_login(viewer)

    answer = client.post(address, asked, content_type="application/json")

    assert answer.status_code == 202
    export = answer.json()
    assert answer["Location"] == export["job_url"]
    assert export["job_url"].endswith(f"/api/v1/jobs/{export['job']}/")
    assert client.get(f"/api/v1/exports/{export['id']}/file/").status_code == 409
    run_jobs()
    finished = client.get(f"/api/v1/exports/{export['id']}/").json()
    file = client.get(finished["file"])
    assert file["Content-Disposition"].startswith("attachment")
    assert [one["unit"] for one in json.loads(b"".join(file))] == [world.units[1].pk]
    client.force_login(outsider)
    assert client.get(finished["file"]).status_code == 404


def test_page__asks_and_starts(client: Client, world: World, viewer: User) -> None:  # noqa: F811
    client.force_login(viewer)
    address = reverse("explorer-export", args=[world.root.pk])

    asked = client.post(address, {"matching": "", "ask": "1"})
    started = client.post(address, {"matching": "", "format": "parquet", "keys": ["clip"]})

    assert "10 units of Birds" in asked.content.decode()
    assert started.status_code == 200
    (job,) = run_jobs()
    jobs_page = client.get(reverse("jobs")).content.decode()
    assert f'href="{job.result["url"]}"' in jobs_page
    assert b"".join(client.get(job.result["url"])).startswith(b"PAR1")
