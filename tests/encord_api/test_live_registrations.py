"""Objects that lie elsewhere, registered by the SDK against a live server."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from encord.exceptions import AuthorisationError, InvalidArgumentsError
from encord.orm.dataset import LongPollingStatus
from encord.orm.storage import (
    CustomerProvidedImageMetadata,
    CustomerProvidedVideoMetadata,
    DataUploadAudio,
    DataUploadImage,
    DataUploadImageGroup,
    DataUploadImageGroupFromItems,
    DataUploadImageGroupImage,
    DataUploadItems,
    DataUploadVideo,
    UploadLongPollingState,
)
from encord.storage import StorageFolder
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Platform
from tests.folders.media_files import png
from tests.integrations.web_server import WebServer, web_server
from tests.jobs import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("encord")]

SITE = "https://pictures.example.org"
GIVEN = {"mimeType": "image/png", "fileSize": 1000, "width": 32, "height": 24}
IMAGE = CustomerProvidedImageMetadata(mime_type="image/png", file_size=1000, width=32, height=24)
VIDEO = CustomerProvidedVideoMetadata(
    fps=10, duration=2, width=640, height=480, file_size=9, mime_type="video/mp4"
)


@pytest.fixture
def birds(insider: EncordUserClient) -> StorageFolder:
    """A root folder of the insider."""
    return insider.create_storage_folder("Birds")


@pytest.fixture
def site() -> Iterator[WebServer]:
    """A web server that the stack may fetch from."""
    with web_server() as server:
        yield server


def register(
    folder: StorageFolder, files: Any, *, integration: str | None = None, **options: Any
) -> UploadLongPollingState:
    """Register and wait for the end."""
    job = folder.add_private_data_to_folder_start(
        integration,  # type: ignore[arg-type]
        files,
        **options,
    )
    return folder.add_private_data_to_folder_get_result(job)


def names(state: UploadLongPollingState) -> list[str]:
    """Names of what came of it."""
    return [item.name for item in state.items_with_names]


def kinds(platform: Platform, state: UploadLongPollingState) -> list[tuple[str, str]]:
    """Kind and state of what came of it."""
    found = [
        platform.insider.rest("GET", f"items/{item.item_uuid}/").json()
        for item in state.items_with_names
    ]
    return [(item["kind"], item["state"]) for item in found]


def test_registration__of_json_is_fetched_and_read(
    platform: Platform,
    insider: EncordUserClient,
    birds: StorageFolder,
    site: WebServer,
    tmp_path: Path,
) -> None:
    owl = site.add("/owl.png", content=png(64, 48))
    wren = site.add("/wren.png", content=png())
    document = {
        "images": [{"objectUrl": owl, "title": "Owl", "clientMetadata": {"wings": 2}}],
        "image_groups": [
            {"title": "Pair", "createVideo": False, "objectUrl_0": owl, "objectUrl_1": wren},
            {"title": "Film", "createVideo": True, "objectUrl_0": wren},
        ],
        "skip_duplicate_urls": True,
    }
    integration = insider.get_cloud_integrations()[0]
    path = tmp_path / "objects.txt"
    path.write_text(json.dumps(document))

    state = register(birds, document, integration=integration.id)

    assert state.status == LongPollingStatus.DONE
    assert names(state) == ["Owl", "Pair", "Film"]
    assert kinds(platform, state) == [
        ("image", "ready"),
        ("image_group", "ready"),
        ("image_sequence", "ready"),
    ]
    assert (state.units_done_count, state.units_pending_count, state.units_error_count) == (3, 0, 0)
    # By path, and as text: the same objects are there already.
    for files in (path, str(path), json.dumps(document)):
        again = register(birds, files, integration=integration.id)
        assert (again.status, again.items_with_names) == (LongPollingStatus.DONE, [])
    assert register(birds, path).file_name == "objects.txt.json"


def test_registration__of_objects_with_given_measures(
    platform: Platform, birds: StorageFolder
) -> None:
    group = [
        DataUploadImageGroupImage(url=f"{SITE}/{n}.png", image_metadata=IMAGE) for n in range(2)
    ]
    given = uuid4()

    state = register(
        birds,
        DataUploadItems(
            images=[
                DataUploadImage(
                    object_url=f"{SITE}/a.png", image_metadata=IMAGE, placeholder_item_uuid=given
                ),
                DataUploadImage(object_url=f"{SITE}/b.png", image_metadata=IMAGE),
            ],
            videos=[DataUploadVideo(object_url=f"{SITE}/c.mp4", video_metadata=VIDEO)],
            image_groups=[
                DataUploadImageGroup(images=group, title="Pair"),
                DataUploadImageGroup(images=group, title="Film", create_video=True),
            ],
        ),
    )

    assert state.status == LongPollingStatus.DONE, state
    by_name = {item.name: item.item_uuid for item in state.items_with_names}
    assert by_name.keys() == {"/a.png", "/b.png", "/c.mp4", "Pair", "Film"}
    assert by_name["/a.png"] == given
    assert {kind for kind, _ in kinds(platform, state)} == {
        "image",
        "video",
        "image_group",
        "image_sequence",
    }

    grouped = register(
        birds,
        DataUploadItems(
            image_groups_from_items=[
                DataUploadImageGroupFromItems(
                    image_items=[by_name["/b.png"], given], title="Both", create_video=False
                )
            ]
        ),
    )

    assert (grouped.status, names(grouped)) == (LongPollingStatus.DONE, ["Both"])
    assert kinds(platform, grouped) == [("image_group", "ready")]


def test_registration__upserts_only_what_it_skips(platform: Platform, birds: StorageFolder) -> None:
    def send(wings: int, *, skip: bool = False, upsert: bool = False) -> UploadLongPollingState:
        listed = DataUploadImage(
            object_url=f"{SITE}/a.png", image_metadata=IMAGE, client_metadata={"wings": wings}
        )
        return register(
            birds,
            DataUploadItems(images=[listed], skip_duplicate_urls=skip, upsert_metadata=upsert),
        )

    first = send(1)
    send(2, skip=True, upsert=True)

    address = f"folders/{birds.uuid}/units/"
    units = platform.insider.rest("GET", address).json()["results"]
    assert [unit["metadata"] for unit in units] == [{"wings": 2}]
    # Without skipping, the other switch has no effect.
    second = send(3, upsert=True)
    assert first.items_with_names[0].item_uuid != second.items_with_names[0].item_uuid
    units = platform.insider.rest("GET", address).json()["results"]
    assert {unit["metadata"]["wings"] for unit in units} == {2, 3}


def test_registration__tells_of_every_error(birds: StorageFolder, site: WebServer) -> None:
    fine, gone = site.add("/owl.png", content=png()), site.url("/gone.png")
    document = {"images": [{"objectUrl": fine}, {"objectUrl": 7}, {"objectUrl": "ftp://x/y"}]}

    refused = register(birds, document)

    assert refused.status == LongPollingStatus.ERROR
    assert refused.items_with_names == []
    assert (refused.units_error_count, refused.units_cancelled_count) == (2, 1)
    assert "2 values are not valid" in refused.errors[0]

    left_out = register(birds, document, ignore_errors=True)

    assert left_out.status == LongPollingStatus.DONE
    assert names(left_out) == ["/owl.png"]
    assert (left_out.units_done_count, left_out.units_error_count) == (1, 2)
    assert [error.error.partition(":")[0] for error in left_out.unit_errors] == [
        "images.1.objectUrl",
        "images.2.objectUrl",
    ]

    unread = register(birds, {"images": [{"objectUrl": gone, "title": "Gone"}]})

    assert unread.status == LongPollingStatus.ERROR
    assert unread.unit_errors[0].object_urls == [gone]
    assert "404" in unread.unit_errors[0].error


def test_registration__of_what_is_not_supported(birds: StorageFolder) -> None:
    sound = DataUploadItems(audio=[DataUploadAudio(object_url=f"{SITE}/a.mp3")])
    with pytest.raises(InvalidArgumentsError, match="audio"):
        register(birds, sound)
    for name in ("dicom_series", "nifti", "pdfs", "text", "scenes"):
        with pytest.raises(InvalidArgumentsError, match=name):
            register(birds, {name: [{"objectUrl": f"{SITE}/a"}], "images": []})

    left_out = register(
        birds,
        {"audio": [{}], "images": [{"objectUrl": f"{SITE}/a.png", "imageMetadata": GIVEN}]},
        ignore_errors=True,
    )

    assert (left_out.status, left_out.units_error_count) == (LongPollingStatus.DONE, 1)
    assert names(left_out) == ["/a.png"]


def test_registration__is_nobody_elses(
    insider: EncordUserClient, outsider: EncordUserClient, birds: StorageFolder
) -> None:
    document = {"images": [{"objectUrl": f"{SITE}/a.png", "imageMetadata": GIVEN}]}
    theirs = StorageFolder(outsider._api_client, birds._orm_folder)
    with pytest.raises(AuthorisationError):
        register(theirs, document)
    with pytest.raises(InvalidArgumentsError, match="integration"):
        register(birds, document, integration=str(uuid4()))
    foreign = outsider.get_cloud_integrations()[0].id
    with pytest.raises(InvalidArgumentsError, match="integration"):
        register(birds, document, integration=foreign)

    job = birds.add_private_data_to_folder_start(None, document)  # type: ignore[arg-type]

    with pytest.raises(AuthorisationError, match="no such"):
        theirs.add_private_data_to_folder_get_result(job)
    with pytest.raises(AuthorisationError):
        theirs.add_data_to_folder_job_cancel(job)
    with pytest.raises(AuthorisationError):
        birds.add_private_data_to_folder_get_result(uuid4())
    other = insider.create_storage_folder("Other")
    with pytest.raises(AuthorisationError):
        other.add_private_data_to_folder_get_result(job)
    assert birds.add_private_data_to_folder_get_result(job).status == LongPollingStatus.DONE
    # Too late.
    assert birds.add_data_to_folder_job_cancel(job).units_cancelled_count == 0


def test_registration__is_waited_for_and_cancelled(birds: StorageFolder, site: WebServer) -> None:
    def wait_and_refuse(handler: BaseHTTPRequestHandler) -> None:
        site.ended.wait(60)
        handler.send_error(404)

    site.add("/slow.png", handle=wait_and_refuse)
    slow = {"images": [{"objectUrl": site.url("/slow.png")}]}

    job = birds.add_private_data_to_folder_start(None, slow)  # type: ignore[arg-type]
    wait_for(lambda: site.asked, what="the worker to fetch it")

    begun = time.monotonic()
    state = birds.add_private_data_to_folder_get_result(job, timeout_seconds=0)
    assert time.monotonic() - begun < 15
    assert (state.status, state.items_with_names) == (LongPollingStatus.PENDING, [])
    begun = time.monotonic()
    state = birds.add_private_data_to_folder_get_result(job, timeout_seconds=3)
    # One request that is held, instead of many.
    assert 2.5 < time.monotonic() - begun < 20
    assert (state.status, state.units_pending_count) == (LongPollingStatus.PENDING, 1)
    # Its rows are written and stay; only their media are still to be read.
    assert birds.add_data_to_folder_job_cancel(job).units_cancelled_count == 0
    site.ended.set()
    ended = birds.add_private_data_to_folder_get_result(job)
    assert ended.status == LongPollingStatus.ERROR


def test_registration__cancelled_in_time_leaves_nothing(
    platform: Platform, birds: StorageFolder
) -> None:
    images = [{"objectUrl": f"{SITE}/{n}.png", "imageMetadata": GIVEN} for n in range(20_000)]
    job: UUID = birds.add_private_data_to_folder_start(None, {"images": images})  # type: ignore[arg-type]

    cancelled = birds.add_data_to_folder_job_cancel(job)

    state = birds.add_private_data_to_folder_get_result(job)
    assert state.status == LongPollingStatus.CANCELLED
    assert cancelled.units_cancelled_count in (0, 20_000)
    units = platform.insider.rest("GET", f"folders/{birds.uuid}/units/").json()
    assert units["results"] == []
