"""Vectors by the SDK: the reference product's documented ways, against a live server."""

import math
import random
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from encord.exceptions import AuthorisationError, InvalidArgumentsError
from encord.http.bundle import Bundle
from encord.orm.storage import StorageFolderConfig
from encord.storage import StorageFolder
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Person, Platform
from tests.encord_api.media import upload
from tests.folders.media_files import png, video

pytestmark = [
    pytest.mark.stack,
    pytest.mark.xdist_group("encord"),
    pytest.mark.filterwarnings("ignore:.*is deprecated since version:DeprecationWarning"),
]

DIMENSIONS = 512


def vector(seed: int, dimensions: int = DIMENSIONS) -> list[float]:
    """Numbers that are the same for a seed."""
    random.seed(seed)
    return [random.gauss(0, 1) for _ in range(dimensions)]


def key(client: EncordUserClient) -> str:
    """A new embedding key, made in the legacy way."""
    name = f"emb-{uuid4().hex[:8]}"
    schema = client.get_client_metadata_schema()
    schema[name] = "embedding"
    client.set_client_metadata_schema_from_dict(schema)
    return name


def holds(found: list[float], sent: list[float]) -> bool:
    """Whether what is read back is what was sent, in float32."""
    return len(found) == len(sent) and all(
        math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-30)
        for one, other in zip(found, sent, strict=True)
    )


def similar(person: Person, root: UUID, name: str, values: list[float]) -> list[dict[str, Any]]:
    """The units of a root folder, nearest first."""
    body = {"key": name, "vector": values}
    answer = person.rest("POST", f"folders/{root}/search/", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["hits"]
    return found


def test_images__get_vectors_in_a_bundle(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    name = key(insider)
    made = insider.create_storage_folder("Embedded")
    for n in range(5):
        upload(platform.insider, made.uuid, f"{n}.png", png(), metadata='{"kept": 1}')
    user_client, folder_hash, vectors = insider, str(made.uuid), {}
    # As documented: every item of a folder, changes in a bundle.
    folder = user_client.get_storage_folder(folder_hash)
    items = list(folder.list_items())
    with Bundle() as bundle:
        for n, item in enumerate(items):
            vectors[item.uuid] = vector(n)
            item.update(client_metadata={name: vectors[item.uuid]}, bundle=bundle)

    for item in user_client.get_storage_items(list(vectors)):
        assert item.client_metadata is not None
        assert item.client_metadata.keys() == {name}
        assert holds(item.client_metadata[name], vectors[item.uuid])
    found = similar(platform.insider, made.uuid, name, vectors[items[3].uuid])
    assert found[0]["item"] == str(items[3].uuid)
    assert found[0]["distance"] == pytest.approx(0, abs=1e-6)
    # The first vector settled the size.
    assert user_client.metadata_schema().get_embedding_size(name) == DIMENSIONS
    items[0]._api_client = outsider._api_client
    with pytest.raises(AuthorisationError):
        items[0].update(client_metadata={name: vector(9)})


def test_vector__goes_by_null_only(platform: Platform, insider: EncordUserClient) -> None:
    name = key(insider)
    folder = insider.create_storage_folder("Vectors")
    item = insider.get_storage_item(upload(platform.insider, folder.uuid, "a.png", png()))
    item.update(client_metadata={name: vector(1), "label": "owl"})
    assert holds((item.client_metadata or {})[name], vector(1))

    item.update(client_metadata={"label": "tit"})
    assert holds((item.client_metadata or {})[name], vector(1))
    item.update(client_metadata={name: None})

    assert insider.get_storage_item(item.uuid).client_metadata == {}


def test_vector__wrong_ones_are_named(platform: Platform, insider: EncordUserClient) -> None:
    name = key(insider)
    folder = insider.create_storage_folder("Wrong")
    items = [
        insider.get_storage_item(upload(platform.insider, folder.uuid, f"{n}.png", png()))
        for n in range(2)
    ]
    items[0].update(client_metadata={name: vector(1, 3)})

    for wrong, words in (
        ([1.0, 2.0], "takes 3"),
        ([1.0, math.nan, 2.0], "Place 1"),
        ([1.0, "x", 2.0], "Place 1"),
        ([1.0, 1e300, 2.0], "Place 1"),
        ("text", "list of numbers"),
    ):
        bundle = Bundle()
        items[0].update(client_metadata={name: [7.0, 7.0, 7.0]}, bundle=bundle)
        items[1].update(client_metadata={name: wrong}, bundle=bundle)
        with pytest.raises(InvalidArgumentsError, match=words) as refusal:
            bundle.execute()
        assert f"itemPatches.{items[1].uuid}.clientMetadata.{name}" in str(refusal.value)

    kept = insider.get_storage_item(items[0].uuid).client_metadata or {}
    assert holds(kept[name], vector(1, 3))


def test_frames__get_vectors(platform: Platform, insider: EncordUserClient, tmp_path: Path) -> None:
    name = key(insider)
    folder = insider.create_storage_folder("Films")
    film = upload(platform.insider, folder.uuid, "film.mp4", video(tmp_path, frames=20))
    other = upload(platform.insider, folder.uuid, "other.mp4", video(tmp_path, frames=20))
    # As documented: key frames by number, a rate that adds no others.
    item = insider.get_storage_item(film)
    item.update(
        client_metadata={
            "$encord": {
                "config": {"sampling_rate": 0, "keyframe_mode": "frame"},
                "frames": {
                    "3": {name: vector(3), "weather": "fog"},
                    "11": {name: vector(11)},
                },
            }
        }
    )

    read = insider.get_storage_item(film).client_metadata or {}
    assert read["$encord"]["config"] == {"sampling_rate": 0, "keyframe_mode": "frame"}
    frames = read["$encord"]["frames"]
    assert frames.keys() == {"3", "11"}
    assert frames["3"]["weather"] == "fog"
    assert holds(frames["11"][name], vector(11))
    found = similar(platform.insider, folder.uuid, name, vector(11))
    assert (found[0]["item"], found[0]["frame"]) == (str(film), 11)

    second = insider.get_storage_item(other)
    with Bundle() as bundle:
        second.update(
            client_metadata={
                "$encord": {
                    "config": {"sampling_rate": 0},
                    "frames": {"5": {name: vector(5)}, "6": {name: vector(6)}},
                }
            },
            bundle=bundle,
        )
    found = similar(platform.insider, folder.uuid, name, vector(6))
    assert (found[0]["item"], found[0]["frame"]) == (str(other), 6)
    beyond = Bundle()
    second.update(client_metadata={"$encord": {"frames": {"99": {}}}}, bundle=beyond)
    with pytest.raises(InvalidArgumentsError, match=r"frames\.99"):
        beyond.execute()


def test_folder_config__starts_the_upgrade(platform: Platform, insider: EncordUserClient) -> None:
    name = key(insider)
    folder = insider.create_storage_folder("Upgraded")
    for n in range(4):
        item = insider.get_storage_item(upload(platform.insider, folder.uuid, f"{n}.png", png()))
        item.update(client_metadata={name: vector(n, 8)})
    assert extra(folder)["embeddingConfig"] == {}

    wanted = {"embeddingConfig": {name: {"embeddingReductionEnabled": True, "mine": 7}}}
    save(folder, {**wanted, "baseMetricsEnabled": True})

    config = extra(folder)
    assert config["baseMetricsEnabled"] is True
    assert config["embeddingConfig"][name] == {
        "embeddingReductionEnabled": True,
        "advancedMetricsEnabled": False,
        "mine": 7,
    }
    deadline = time.monotonic() + 60
    while True:
        upgrade = platform.insider.rest("GET", f"folders/{folder.uuid}/upgrade/").json()
        (row,) = upgrade["keys"]
        if row["state"] == "ready":
            break
        assert row["state"] in ("waiting", "processing"), row
        assert time.monotonic() < deadline, row
        time.sleep(0.2)
    assert row["key"] == name
    assert row["map"]
    save(folder, {"embeddingConfig": {name: {"embeddingReductionEnabled": False}}})
    assert extra(folder)["embeddingConfig"][name]["embeddingReductionEnabled"] is False
    with pytest.raises(InvalidArgumentsError, match="no such embedding key"):
        save(folder, {"embeddingConfig": {"nothing": {"embeddingReductionEnabled": True}}})
    with pytest.raises(InvalidArgumentsError, match="true or false"):
        save(folder, {"embeddingConfig": {name: {"embeddingReductionEnabled": "yes"}}})


def extra(folder: StorageFolder) -> dict[str, Any]:
    """The settings, those included that the SDK has no words for."""
    found: dict[str, Any] = folder.get_folder_config().to_dict()
    return found


def save(folder: StorageFolder, config: dict[str, Any]) -> None:
    """Replace the settings, as the SDK's own method does."""
    folder._api_client.post(
        f"storage/folders/{folder.uuid}/folder-config",
        params=None,
        payload=StorageFolderConfig.model_validate(config),
        result_type=None,
    )
