"""Items by the SDK, against a live server."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import requests
from encord.exceptions import (
    AuthorisationError,
    InvalidArgumentsError,
    MethodNotAllowedError,
    ResourceExistsError,
)
from encord.http.bundle import Bundle
from encord.orm.storage import FoldersSortBy, StorageItemType, StorageLocationName
from encord.storage import StorageFolder
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Platform
from tests.encord_api.media import group, upload
from tests.folders.media_files import png, video

pytestmark = [
    pytest.mark.stack,
    pytest.mark.xdist_group("encord"),
    pytest.mark.filterwarnings("ignore:.*is deprecated since version:DeprecationWarning"),
]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder with one of each kind, made once; tests that change things make their own."""

    folder: UUID
    picture: UUID
    film: UUID
    parts: list[UUID]
    sequence: UUID


@pytest.fixture(scope="module")
def shelf(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """An image with metadata, a video, a sequence of two images."""
    person = platform.insider
    folder = person.client().create_storage_folder("Shelf").uuid
    picture = upload(person, folder, "owl.png", png(), metadata='{"label": "owl", "n": [1, "x"]}')
    film = upload(person, folder, "film.mp4", video(tmp_path_factory.mktemp("film"), frames=12))
    parts = [upload(person, folder, f"part-{n}.png", png()) for n in (1, 2)]
    sequence = group(person, folder, "image_sequence", "flight", parts)
    return Shelf(folder, picture, film, parts, sequence)


@pytest.fixture
def folder(insider: EncordUserClient, shelf: Shelf) -> StorageFolder:
    """The shelf."""
    return insider.get_storage_folder(shelf.folder)


def test_item__has_every_field(
    insider: EncordUserClient, outsider: EncordUserClient, shelf: Shelf, platform: Platform
) -> None:
    with pytest.raises(AuthorisationError, match="no such item"):
        outsider.get_storage_item(shelf.picture)
    with pytest.raises(AuthorisationError):
        insider.get_storage_item(uuid4())

    item = insider.get_storage_item(str(shelf.picture))

    assert (item.uuid, item.parent_folder_uuid) == (shelf.picture, shelf.folder)
    assert item.parent_folder().name == "Shelf"
    assert (item.item_type, item.name) == (StorageItemType.IMAGE, "owl.png")
    assert item.client_metadata == {"label": "owl", "n": [1, "x"]}
    assert item.storage_location == StorageLocationName.ENCORD
    assert (item.width, item.height, item.mime_type) == (40, 30, "image/png")
    assert item.file_size == len(png())
    assert (item.duration, item.fps, item.url, item.integration_hash) == (None, None, None, None)
    assert (item.backed_data_units_count, item.description) == (0, "")
    assert item.created_at <= item.last_edited_at
    film = insider.get_storage_item(shelf.film)
    assert film.item_type == StorageItemType.VIDEO
    assert film.frame_count == 12
    assert film.fps
    assert film.duration


def test_item__signed_address_opens_the_original_for_everybody_who_has_it(
    insider: EncordUserClient, shelf: Shelf
) -> None:
    item = insider.get_storage_item(shelf.picture, sign_url=True)

    address = item.get_signed_url()

    assert address is not None
    assert requests.get(address, timeout=30).content == png()
    # Another ending, and the address of another item: neither opens anything.
    wrong = address[:-1] + ("A" if address[-1] != "A" else "B")
    for forged in (wrong, address.replace(str(shelf.picture), str(shelf.film))):
        assert requests.get(forged, timeout=30).status_code == 403
    fresh = insider.get_storage_item(shelf.film).get_signed_url(refetch=True)
    assert fresh is not None
    assert len(requests.get(fresh, timeout=30).content) > 100
    assert insider.get_storage_item(shelf.sequence).get_signed_url() is None


def test_items__by_id_keep_the_order(
    insider: EncordUserClient, outsider: EncordUserClient, shelf: Shelf
) -> None:
    wanted = [shelf.film, shelf.picture, shelf.sequence]
    with pytest.raises(AuthorisationError):
        outsider.get_storage_items(wanted)
    with pytest.raises(AuthorisationError):
        insider.get_storage_items([*wanted, uuid4()])

    found = insider.get_storage_items(wanted, sign_url=True)

    assert [item.uuid for item in found] == wanted
    assert found[0].get_signed_url()
    assert found[1].client_metadata == {"label": "owl", "n": [1, "x"]}
    assert insider.get_storage_items([]) == []


def test_items__are_listed(insider: EncordUserClient, folder: StorageFolder, shelf: Shelf) -> None:
    names = ["film.mp4", "flight", "owl.png"]

    for size in (1, 2, 1000):
        assert [item.name for item in folder.list_items(page_size=size)] == names
    assert [item.name for item in folder.list_items(desc=True)] == names[::-1]
    by_time = folder.list_items(order=FoldersSortBy.CREATED_AT)
    assert [item.name for item in by_time] == ["owl.png", "film.mp4", "flight"]
    assert [item.name for item in folder.list_items(search="OWL")] == ["owl.png"]
    kinds = [StorageItemType.VIDEO, StorageItemType.IMAGE_SEQUENCE, StorageItemType.PDF]
    assert [item.name for item in folder.list_items(item_types=kinds)] == names[:2]
    assert list(folder.list_items(item_types=[StorageItemType.AUDIO])) == []
    assert list(folder.list_items(is_in_dataset=True)) == []
    (owl,) = folder.list_items(search="owl", get_signed_urls=True)
    assert owl.client_metadata == {"label": "owl", "n": [1, "x"]}
    assert owl.get_signed_url()
    (local,) = folder.list_items(search="owl", resolve_client_metadata_locally=True)
    assert local.client_metadata == {"label": "owl", "n": [1, "x"]}
    bare = folder.list_items(search="owl", include_client_metadata=False)
    assert [item.name for item in bare] == ["owl.png"]


def test_items__are_found_below(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    word = uuid4().hex
    top = insider.create_storage_folder("Top")
    below = top.create_subfolder("Below")
    deep = upload(platform.insider, below.uuid, f"{word}.png", png())

    assert [item.uuid for item in top.find_items(search=word)] == [deep]
    assert list(top.list_items(search=word)) == []
    images = top.find_items(item_types=[StorageItemType.IMAGE])
    assert [item.uuid for item in images] == [deep]
    assert [item.uuid for item in insider.find_storage_items(search=word)] == [deep]
    assert list(outsider.find_storage_items(search=word)) == []


def test_children_and_summary(insider: EncordUserClient, shelf: Shelf) -> None:
    sequence = insider.get_storage_item(shelf.sequence)

    children = list(sequence.get_child_items(get_signed_urls=True))

    assert sequence.item_type == StorageItemType.IMAGE_SEQUENCE
    assert [child.uuid for child in children] == shelf.parts
    address = children[0].get_signed_url()
    assert address is not None
    assert requests.get(address, timeout=30).content == png()
    summary = children[0].get_summary()
    assert summary.frame_in_groups == 1
    assert [one.uuid for one in summary.accessible_group_items] == [shelf.sequence]
    assert insider.get_storage_item(shelf.picture).get_summary().frame_in_groups == 0


def test_folder__summary_counts(folder: StorageFolder) -> None:
    summary = folder.get_summary()

    assert (summary.images, summary.videos, summary.image_sequences) == (1, 1, 1)
    assert summary.total_size > 2 * len(png())


def test_item__changes(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    folder = insider.create_storage_folder("Changing")
    item_id = upload(platform.insider, folder.uuid, "a.png", png(), metadata='{"old": 1}')
    item = insider.get_storage_item(item_id)
    item._api_client = outsider._api_client
    with pytest.raises(AuthorisationError):
        item.update(name="Stolen")
    item._api_client = insider._api_client

    item.update(name="b.png", description="is passed over", client_metadata={"x": None, "y": "é"})

    assert (item.name, item.client_metadata) == ("b.png", {"x": None, "y": "é"})
    again = insider.get_storage_item(item_id)
    assert (again.name, again.client_metadata) == ("b.png", {"x": None, "y": "é"})
    item.update(name="c.png")
    again.refetch_data()
    assert (again.name, again.client_metadata) == ("c.png", {"x": None, "y": "é"})
    item.update(client_metadata={})
    assert item.client_metadata == {}
    with pytest.raises(InvalidArgumentsError, match="name"):
        item.update(name=" ")
    with pytest.raises(InvalidArgumentsError, match="reserved"):
        item.update(client_metadata={"$x": 1})


def test_items__move_and_go(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    here, there = (insider.create_storage_folder(name) for name in ("Here", "There"))
    ids = [upload(platform.insider, here.uuid, f"{n}.png", png()) for n in range(4)]
    foreign = outsider.create_storage_folder("Foreign")
    item = insider.get_storage_item(ids[0])
    with pytest.raises(AuthorisationError):
        item.move_to_folder(foreign.uuid)

    item.move_to_folder(there.uuid)
    here.move_items_to_folder(there, ids[1:3])

    assert item.parent_folder_uuid == there.uuid
    assert {found.uuid for found in there.list_items()} == set(ids[:3])
    with pytest.raises(AuthorisationError, match="not in this folder"):
        here.delete_storage_items([ids[0]])
    there.delete_storage_items(ids[1:3])
    item.delete()
    assert list(there.list_items()) == []
    assert [found.uuid for found in here.list_items()] == [ids[3]]
    here._api_client = outsider._api_client
    with pytest.raises(AuthorisationError):
        here.delete_storage_items([ids[3]])


def test_sequence__goes_with_its_images(platform: Platform, insider: EncordUserClient) -> None:
    folder = insider.create_storage_folder("Sequences")
    parts = [upload(platform.insider, folder.uuid, f"{n}.png", png()) for n in range(2)]
    whole = insider.get_storage_item(
        group(platform.insider, folder.uuid, "image_sequence", "all", parts)
    )
    with pytest.raises(MethodNotAllowedError):
        whole.delete(remove_unused_frames=False)
    with pytest.raises(ResourceExistsError):
        folder.delete_storage_items(parts)

    whole.delete()

    with pytest.raises(AuthorisationError):
        insider.get_storage_item(parts[0])


def test_unsupported__says_so(folder: StorageFolder, shelf: Shelf) -> None:
    with pytest.raises(MethodNotAllowedError):
        folder.create_data_group([shelf.picture])
    with pytest.raises(MethodNotAllowedError):
        folder.create_data_groups([[shelf.picture], [shelf.film]])
    with pytest.raises(MethodNotAllowedError):
        folder.re_encode_videos([shelf.film], "again", force_full_reencoding=False)
    with pytest.raises(MethodNotAllowedError):
        folder.get_re_encoding_status(uuid4())


def test_bundle__of_names_and_metadata(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    folder = insider.create_storage_folder("Bundled")
    for n in range(3):
        upload(platform.insider, folder.uuid, f"{n}.png", png())
    items = list(folder.list_items())
    strange = outsider.create_storage_folder("Foreign")
    foreign = insider.get_storage_item(items[0].uuid)
    foreign._orm_item.uuid = upload(platform.outsider, strange.uuid, "x.png", png())

    with Bundle() as bundle:
        items[0].update(name="first.png", bundle=bundle)
        items[1].update(client_metadata={"k": 1}, bundle=bundle)
        items[2].update(name="third.png", client_metadata={"k": ["2"]}, bundle=bundle)

    assert [item.name for item in items] == ["first.png", "1.png", "third.png"]
    assert [item.client_metadata for item in items] == [{}, {"k": 1}, {"k": ["2"]}]
    refused = Bundle()
    items[0].update(name="never.png", bundle=refused)
    foreign.update(name="never.png", bundle=refused)
    with pytest.raises(AuthorisationError):
        refused.execute()
    wrong = Bundle()
    items[0].update(client_metadata={"k": 3}, bundle=wrong)
    items[1].update(client_metadata={"$k": 3}, bundle=wrong)
    with pytest.raises(InvalidArgumentsError, match=str(items[1].uuid)):
        wrong.execute()
    assert insider.get_storage_item(items[0].uuid).client_metadata == {}
    assert insider.get_storage_item(items[0].uuid).name == "first.png"
