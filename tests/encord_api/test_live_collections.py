"""Collections by the SDK, against a live server."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from encord.collection import Collection
from encord.exceptions import AuthorisationError, InvalidArgumentsError, ResourceExistsError
from encord.orm.dataset import LongPollingStatus
from encord.storage import StorageFolder, StorageItem, StorageItemInaccessible
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Platform, join
from tests.encord_api.faulty_proxy import faulty_proxy
from tests.jobs import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("encord")]

SITE = "https://pictures.example.org"
Items = dict[str, UUID]


def images(**widths: int) -> list[dict[str, Any]]:
    """Images of these widths, whose measures are given."""
    return [
        {
            "objectUrl": f"{SITE}/{name}.png",
            "title": name,
            "clientMetadata": {"name": name},
            "imageMetadata": {
                "mimeType": "image/png",
                "fileSize": 10 * width,
                "width": width,
                "height": 100,
            },
        }
        for name, width in widths.items()
    ]


def registered(folder: StorageFolder, document: dict[str, Any]) -> Items:
    """Ids of what came of a registration, by name."""
    job = folder.add_private_data_to_folder_start(None, document)  # type: ignore[arg-type]
    state = folder.add_private_data_to_folder_get_result(job)
    assert state.status == LongPollingStatus.DONE, state
    return {item.name: item.item_uuid for item in state.items_with_names}


@pytest.fixture
def birds(insider: EncordUserClient) -> StorageFolder:
    """A root folder of the insider."""
    return insider.create_storage_folder("Birds")


@pytest.fixture
def items(birds: StorageFolder) -> Items:
    """Three images of the folder."""
    return registered(birds, {"images": images(wren=100, robin=200, owl=300)})


@pytest.fixture
def singers(insider: EncordUserClient, birds: StorageFolder) -> Collection:
    """An empty collection of the folder."""
    return insider.create_collection(birds.uuid, "Singers", description="At dawn")


def names(collection: Collection, **options: Any) -> list[str]:
    """Names of the collection's items."""
    return [item.name for item in collection.list_items(**options)]


def test_collection__is_made_changed_and_deleted(
    insider: EncordUserClient,
    outsider: EncordUserClient,
    birds: StorageFolder,
    singers: Collection,
) -> None:
    with pytest.raises(AuthorisationError):
        outsider.create_collection(birds.uuid, "Mine")
    with pytest.raises(AuthorisationError):
        outsider.get_collection(singers.uuid)
    with pytest.raises(AuthorisationError):
        outsider.delete_collection(singers.uuid)
    assert list(outsider.list_collections(birds.uuid)) == []

    assert (singers.name, singers.description) == ("Singers", "At dawn")
    assert singers.top_level_folder_uuid == birds.uuid
    assert singers.created_at is not None
    with pytest.raises(ResourceExistsError, match="exists already"):
        insider.create_collection(birds.uuid, "SINGERS")
    with pytest.raises(InvalidArgumentsError, match="name"):
        insider.create_collection(birds.uuid, " ")

    singers.update_collection(description="At dusk")
    singers.update_collection(name="Night singers")
    read = insider.get_collection(singers.uuid)
    assert (read.name, read.description) == ("Night singers", "At dusk")
    assert read.last_edited_at is not None
    insider.create_collection(birds.uuid, "Waders")
    listed = insider.list_collections(top_level_folder_uuid=birds.uuid, page_size=1)
    assert [one.name for one in listed] == ["Night singers", "Waders"]
    picked = insider.list_collections(birds.uuid, [singers.uuid, uuid4()])
    assert [one.uuid for one in picked] == [singers.uuid]
    other = insider.create_storage_folder("Boats")
    assert list(insider.list_collections(other.uuid, [singers.uuid])) == []

    insider.delete_collection(singers.uuid)
    with pytest.raises(AuthorisationError):
        insider.get_collection(singers.uuid)


def test_items__come_and_go(
    outsider: EncordUserClient,
    insider: EncordUserClient,
    birds: StorageFolder,
    singers: Collection,
    items: Items,
) -> None:
    theirs = Collection(outsider._api_client, singers._collection_instance)
    with pytest.raises(AuthorisationError):
        theirs.add_items([items["owl"]])
    with pytest.raises(AuthorisationError):
        list(theirs.list_items())
    boats = insider.create_storage_folder("Boats")
    elsewhere = registered(boats, {"images": images(tug=50)})["tug"]
    nobody = uuid4()

    done = singers.add_items([items["owl"], str(items["wren"]), elsewhere, nobody])

    assert set(done.failed_items) == {elsewhere, nobody}
    assert set(names(singers)) == {"wren", "owl"}
    assert names(singers, page_size=1) == names(singers)
    item = next(iter(singers.list_items(include_client_metadata=True)))
    assert item.client_metadata == {"name": item.name}
    assert (item.parent_folder_uuid, item.height) == (birds.uuid, 100)
    everything = list(singers.list_items_include_inaccessible())
    assert {one.uuid for one in everything} == {items["wren"], items["owl"]}
    assert all(isinstance(one, StorageItem) for one in everything)

    assert singers.remove_items([items["owl"], nobody]).failed_items == [nobody]
    assert names(singers) == ["wren"]


def test_items__that_somebody_does_not_see_are_ids_to_him(
    platform: Platform, birds: StorageFolder, singers: Collection
) -> None:
    night = birds.create_subfolder("Night")
    owl = registered(night, {"images": images(owl=10)})["owl"]
    wren = registered(birds, {"images": images(wren=10)})["wren"]
    singers.add_items([owl, wren])
    colleague = join(platform, night.uuid, "viewer")

    seen = colleague.get_collection(singers.uuid)

    assert names(seen) == ["owl"]
    everything = list(seen.list_items_include_inaccessible())
    assert [type(one) for one in everything] == [StorageItem, StorageItemInaccessible]
    assert [one.uuid for one in everything] == [owl, wren]


def test_items__by_title(birds: StorageFolder, singers: Collection, items: Items) -> None:
    registered(birds, {"images": images(wren=7)})

    done = singers.add_items_by_title(["owl", "robin", "wren", "nothing", "owl"])

    assert (done.requested, done.matched_titles, done.items_added) == (4, 2, 2)
    assert (done.ambiguous_titles, done.unmatched_titles) == (["wren"], ["nothing"])
    assert done.failed_items == []
    assert set(names(singers)) == {"owl", "robin"}
    again = singers.add_items_by_title(["owl"])
    assert (again.matched_titles, again.items_added) == (1, 0)


def metric(name: str, least: float | None, most: float | None, **parts: Any) -> dict[str, Any]:
    """A filter as Encord writes it."""
    return {"type": "metric", "metric": name, "domain": "data", "values": [least, most]} | (
        {"include": True} | parts
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([metric("metric_width", 150, 250)], {"robin"}),
        ([metric("metric_width", 150, 250, include=False)], {"wren", "owl"}),
        ([metric("metric_area", 20_000, None)], {"robin", "owl"}),
        ([metric("metric_aspect_ratio", None, 1)], {"wren"}),
        ([metric("metric_file_size", 1001, 2000), metric("metric_height", 100, 100)], {"robin"}),
        ([], {"wren", "robin", "owl"}),
    ],
)
def test_presets__fill_and_empty_collections(
    insider: EncordUserClient,
    singers: Collection,
    items: Items,
    filters: list[dict[str, Any]],
    found: set[str],
) -> None:
    definition = {"global_filters": {"filters": filters}}
    preset = insider.create_preset("Some", filter_preset_json=definition)

    singers.add_preset_items(preset)

    # The SDK is given no job to ask after.
    wait_for(lambda: set(names(singers)) == found, what="the items", seconds=20)
    singers.add_items(list(items.values()))
    singers.remove_preset_items(preset.uuid)
    wait_for(lambda: set(names(singers)) == items.keys() - found, what="the rest", seconds=20)


def test_presets__that_are_not_understood_are_refused(
    insider: EncordUserClient, outsider: EncordUserClient, singers: Collection
) -> None:
    strange = {"global_filters": {"filters": [{"type": "quality"}, metric("metric_blue", 0, 1)]}}
    preset = insider.create_preset("Strange", filter_preset_json=strange)
    with pytest.raises(InvalidArgumentsError, match=r"quality.*metric_blue"):
        singers.add_preset_items(preset)

    local = {"local_filters": {str(uuid4()): {"filters": [metric("metric_width", 0, 1)]}}}
    elsewhere = insider.create_preset("Elsewhere", filter_preset_json=local)
    with pytest.raises(InvalidArgumentsError, match="another folder"):
        singers.add_preset_items(elsewhere)
    theirs = outsider.create_preset("Theirs", filter_preset_json=strange)
    with pytest.raises(AuthorisationError):
        singers.add_preset_items(theirs.uuid)
    assert names(singers) == []


def test_retries__make_nothing_twice(
    platform: Platform, insider: EncordUserClient, birds: StorageFolder
) -> None:
    name = f"Owls {uuid4().hex}"
    with faulty_proxy(platform.url) as proxy:
        client = EncordUserClient.create_with_ssh_private_key(
            platform.insider.private_key, domain=proxy.url
        )
        proxy.failing |= {"index/collections", "organisation/groups"}

        collection = client.create_collection(birds.uuid, "Singers")
        group = client.create_group(name)

    posts = [asked for asked in proxy.asked if asked[0] == "POST"]
    assert [(path, status) for _, path, status in posts] == [
        ("index/collections", 500),
        ("index/collections", 200),
        ("organisation/groups", 500),
        ("organisation/groups", 200),
    ]
    listed = list(insider.list_collections(birds.uuid))
    assert [(one.uuid, one.name) for one in listed] == [(collection.uuid, "Singers")]
    groups = [one.group_hash for one in insider.list_groups() if one.name == name]
    assert groups == [group.group_hash]
    # Made anew it is another call, not a repetition.
    with pytest.raises(ResourceExistsError):
        insider.create_group(name)
