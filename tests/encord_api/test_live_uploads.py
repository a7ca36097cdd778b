"""Files of one's own disk by the SDK, against a live server."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from encord.exceptions import AuthorisationError, EncordException, InvalidArgumentsError
from encord.orm.dataset import LongPollingStatus
from encord.orm.storage import (
    CustomerProvidedVideoMetadata,
    DataUploadImage,
    DataUploadItems,
    StorageItemType,
)
from encord.storage import StorageFolder
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Platform
from tests.folders.media_files import png, video

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("encord")]


@pytest.fixture
def birds(insider: EncordUserClient) -> StorageFolder:
    """A root folder of the insider."""
    return insider.create_storage_folder("Birds")


def written(path: Path, content: bytes) -> Path:
    """A file of the content."""
    path.write_bytes(content)
    return path


def metadata_of(platform: Platform, folder: StorageFolder, name: str) -> Any:
    """The metadata of the unit of the name."""
    query = json.dumps({"field": "name", "op": "eq", "value": name})
    found = platform.insider.rest("GET", f"folders/{folder.uuid}/units/", params={"filter": query})
    return found.json()["results"][0]["metadata"]


def test_upload_image__becomes_the_item_of_the_id(
    platform: Platform, insider: EncordUserClient, birds: StorageFolder, tmp_path: Path
) -> None:
    data = png(64, 48)
    owl = written(tmp_path / "owl.png", data)

    made = birds.upload_image(owl, client_metadata={"wings": 2, "seen": None})
    again = birds.upload_image(str(owl), title="Wren")

    item = platform.insider.rest("GET", f"items/{made}/").json()
    assert (item["name"], item["state"], item["kind"]) == ("owl.png", "ready", "image")
    assert (item["width"], item["height"], item["size"]) == (64, 48, len(data))
    assert item["mime_type"] == "image/png"
    assert metadata_of(platform, birds, "owl.png") == {"wings": 2, "seen": None}
    assert platform.insider.rest("GET", f"items/{again}/").json()["name"] == "Wren"


def test_upload_image__that_cannot_be_read_is_told(birds: StorageFolder, tmp_path: Path) -> None:
    broken = written(tmp_path / "broken.png", png()[:40])

    with pytest.raises(EncordException, match="errors occurred"):
        birds.upload_image(broken)


def test_upload_video__is_read_or_believed(
    platform: Platform, birds: StorageFolder, tmp_path: Path
) -> None:
    clip = written(tmp_path / "clip.mp4", video(tmp_path, frames=20, fps=10))
    given = CustomerProvidedVideoMetadata(
        fps=5, duration=4, width=640, height=480, file_size=10, mime_type="video/mp4"
    )

    read = birds.upload_video(clip, client_metadata={"site": "north"})
    believed = birds.upload_video(clip, title="Believed", video_metadata=given)

    item = platform.insider.rest("GET", f"items/{read}/").json()
    assert (item["kind"], item["state"], item["frame_count"]) == ("video", "ready", 20)
    assert (item["width"], item["fps"]) == (64, 10)
    item = platform.insider.rest("GET", f"items/{believed}/").json()
    assert (item["name"], item["width"], item["frame_count"]) == ("Believed", 640, 20)


def test_image_groups_and_sequences__are_made_of_files(
    platform: Platform, birds: StorageFolder, tmp_path: Path
) -> None:
    files = [written(tmp_path / f"{n}.png", png(40 + n, 30)) for n in range(3)]

    group = birds.create_image_group(files, title="Flock", client_metadata={"n": 3})
    sequence = birds.create_image_sequence([str(file) for file in files])

    item = platform.insider.rest("GET", f"items/{group}/").json()
    assert (item["name"], item["kind"], item["state"]) == ("Flock", "image_group", "ready")
    assert metadata_of(platform, birds, "Flock") == {"n": 3}
    item = platform.insider.rest("GET", f"items/{sequence}/").json()
    assert (item["kind"], item["state"], item["frame_count"]) == ("image_sequence", "ready", 3)
    assert item["name"]


def test_upload_addresses__are_for_editors_and_for_one_object(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient, birds: StorageFolder
) -> None:
    theirs = outsider.create_storage_folder("Theirs")
    stolen = StorageFolder(outsider._api_client, birds._orm_folder)
    with pytest.raises(AuthorisationError):
        stolen._get_upload_signed_urls(StorageItemType.IMAGE, count=1)
    with pytest.raises(InvalidArgumentsError, match="not supported"):
        birds._get_upload_signed_urls(StorageItemType.AUDIO, count=1)

    first, second = birds._get_upload_signed_urls(StorageItemType.IMAGE, count=2)

    assert first.signed_url.startswith(platform.url)
    assert first.item_uuid != second.item_uuid
    assert requests.put(first.signed_url[:-2], data=png(), timeout=30).status_code == 403
    assert requests.get(first.signed_url, timeout=30).status_code == 405
    assert requests.put(first.signed_url, data=png(), timeout=30).ok
    # Whoever learns the key of somebody else's object cannot register it.
    listed = DataUploadItems(images=[DataUploadImage(object_url=first.object_key)])
    job = theirs.add_private_data_to_folder_start(None, listed)  # type: ignore[arg-type]
    refused = theirs.add_private_data_to_folder_get_result(job)
    assert refused.status == LongPollingStatus.ERROR
    assert "uploaded no such file" in refused.unit_errors[0].error
    assert refused.unit_errors[0].object_urls == [first.object_key]
    # Nor is one registered that was announced and not sent.
    listed = DataUploadItems(images=[DataUploadImage(object_url=second.object_key)])
    job = birds.add_private_data_to_folder_start(None, listed)  # type: ignore[arg-type]
    assert birds.add_private_data_to_folder_get_result(job).status == LongPollingStatus.ERROR
    listed = DataUploadItems(images=[DataUploadImage(object_url=first.object_key, title="a.png")])
    job = birds.add_private_data_to_folder_start(None, listed)  # type: ignore[arg-type]
    done = birds.add_private_data_to_folder_get_result(job)
    assert done.status == LongPollingStatus.DONE
    assert done.items_with_names[0].item_uuid == first.item_uuid
