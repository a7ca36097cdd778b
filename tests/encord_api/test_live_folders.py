"""Folders by the SDK, against a live server."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from encord.exceptions import (
    AuthorisationError,
    InvalidArgumentsError,
    MethodNotAllowedError,
    ResourceExistsError,
)
from encord.http.bundle import Bundle
from encord.orm.storage import (
    CloudSyncedFolderParams,
    FoldersSortBy,
    SidecarMatcherSuffix,
    StorageFolderConfig,
    StorageUserRole,
)
from encord.storage import StorageFolder
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Platform

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("encord")]


@pytest.fixture
def birds(insider: EncordUserClient) -> StorageFolder:
    """A root folder of the insider."""
    return insider.create_storage_folder(
        "Birds", description="All of them", client_metadata={"site": "north", "n": 3}
    )


def test_folder__is_made_and_read(
    insider: EncordUserClient, outsider: EncordUserClient, birds: StorageFolder
) -> None:
    with pytest.raises(AuthorisationError, match="no such folder"):
        outsider.get_storage_folder(birds.uuid)
    with pytest.raises(AuthorisationError):
        outsider.create_storage_folder("Mine", parent_folder=birds.uuid)
    with pytest.raises(AuthorisationError):
        insider.get_storage_folder(uuid4())

    read = insider.get_storage_folder(birds.uuid)

    assert (read.name, read.description) == ("Birds", "All of them")
    assert read.client_metadata == {"site": "north", "n": 3}
    assert read.parent is None
    assert read.parent_uuid is None
    assert not read.is_cloud_synced
    assert read.integration_hash is None
    assert read.remote_url is None
    assert [element.uuid for element in read.path_to_root] == [birds.uuid]
    night = read.create_subfolder("Night", description="Owls")
    assert night.parent is not None
    assert night.parent.uuid == birds.uuid
    assert night.client_metadata is None
    assert [element.name for element in night.path_to_root] == ["Night", "Birds"]
    with pytest.raises(InvalidArgumentsError, match="name"):
        read.create_subfolder("x" * 301)
    with pytest.raises(MethodNotAllowedError):
        insider.create_storage_folder(
            "Bucket",
            cloud_synced_folder_params=CloudSyncedFolderParams(
                integration_uuid=uuid4(), remote_url="s3://birds/"
            ),
        )


def test_folders__are_listed_and_found(
    insider: EncordUserClient, outsider: EncordUserClient, birds: StorageFolder
) -> None:
    word = uuid4().hex
    inner = birds.create_subfolder(f"a-{word}").create_subfolder(f"B-{word}")
    top = insider.create_storage_folder(f"c-{word}")

    def names(found: Any) -> list[str]:
        return [folder.name for folder in found]

    assert names(outsider.find_storage_folders(search=word)) == []
    with pytest.raises(AuthorisationError):
        names(outsider.get_storage_folder(birds.uuid).list_subfolders())

    assert names(insider.list_storage_folders(search=word)) == [top.name]
    for size in (1, 2, 1000):
        found = insider.find_storage_folders(search=word.upper(), page_size=size)
        assert sorted(names(found)) == sorted([f"a-{word}", inner.name, top.name])
    by_time = insider.find_storage_folders(search=word, order=FoldersSortBy.CREATED_AT, desc=True)
    assert names(by_time) == [top.name, inner.name, f"a-{word}"]
    assert names(birds.list_subfolders()) == [f"a-{word}"]
    below = names(birds.find_subfolders(search=word))
    assert sorted(below) == sorted([f"a-{word}", inner.name])
    assert names(birds.find_subfolders(search=word, desc=True)) == below[::-1]
    # What the client escapes in its own way is what it signed.
    odd = insider.create_storage_folder(f"Sea gulls é+%/&= {word}")
    assert [one.uuid for one in insider.find_storage_folders(search=odd.name)] == [odd.uuid]
    assert birds.uuid in {folder.uuid for folder in insider.list_storage_folders(page_size=1)}
    assert names(insider.list_storage_folders(dataset_synced=True)) == []
    assert list(insider.list_organisation_tags()) == []


def test_folder__changes(
    insider: EncordUserClient, outsider: EncordUserClient, birds: StorageFolder
) -> None:
    same = insider.get_storage_folder(birds.uuid)
    birds.update(name="Owls", client_metadata={"a": [1, None]})
    assert (birds.name, birds.description) == ("Owls", "All of them")
    birds.update(description="")

    same.refetch_data()

    assert (same.name, same.description) == ("Owls", "")
    assert same.client_metadata == {"a": [1, None]}
    with pytest.raises(InvalidArgumentsError, match="KB"):
        birds.update(client_metadata={"a": "x" * 100_000})

    other = birds.create_subfolder("Night")
    bundle = Bundle()
    birds.update(name="One", bundle=bundle)
    other.update(name="Two", client_metadata={"k": 1}, bundle=bundle)
    bundle.execute()

    assert (birds.name, other.name, other.client_metadata) == ("One", "Two", {"k": 1})
    assert insider.get_storage_folder(other.uuid).name == "Two"
    strange = outsider.create_storage_folder("Boats")
    strange._api_client = insider._api_client
    forbidden = Bundle()
    birds.update(name="Not this", bundle=forbidden)
    strange.update(name="Nor this", bundle=forbidden)
    with pytest.raises(AuthorisationError):
        forbidden.execute()
    assert insider.get_storage_folder(birds.uuid).name == "One"


def test_folder__moves_and_goes(
    insider: EncordUserClient, outsider: EncordUserClient, birds: StorageFolder
) -> None:
    night = birds.create_subfolder("Night")
    boats = insider.create_storage_folder("Boats")

    night.move_to_folder(boats)
    assert night.parent_uuid == boats.uuid
    night.move_to_folder(None)
    assert night.parent_uuid is None
    boats.move_to_folder(night.uuid)
    with pytest.raises(ResourceExistsError):
        night.move_to_folder(boats)
    foreign = outsider.create_storage_folder("Foreign")
    with pytest.raises(AuthorisationError):
        night.move_to_folder(foreign.uuid)

    night.delete()

    for gone in (night, boats):
        with pytest.raises(AuthorisationError):
            insider.get_storage_folder(gone.uuid)


def test_folder__summary_of_an_empty_one(birds: StorageFolder) -> None:
    birds.create_subfolder("Night").create_subfolder("Owls")

    summary = birds.get_summary()

    assert (summary.folders, summary.files, summary.total_size) == (2, 0, 0.0)
    assert summary.image_groups == summary.videos == summary.upload_jobs == 0


def test_folder__groups_are_teams(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient, birds: StorageFolder
) -> None:
    made = platform.insider.rest("POST", "teams/", json={"name": f"Team {uuid4().hex}"}).json()
    foreign = platform.outsider.rest("POST", "teams/", json={"name": "Foreign"}).json()
    team = UUID(made["id"])
    assert list(birds.list_groups()) == []
    with pytest.raises(InvalidArgumentsError, match="no such group"):
        birds.add_group([team, UUID(foreign["id"])], StorageUserRole.USER)
    assert list(birds.list_groups()) == []

    birds.add_group(team, StorageUserRole.USER)
    (group,) = birds.list_groups()
    assert (group.group_hash, group.name, group.user_role) == (
        team,
        made["name"],
        StorageUserRole.USER,
    )
    assert group.is_same_organisation
    birds.add_group(team, StorageUserRole.ADMIN)
    (group,) = birds.list_groups()
    assert group.user_role == StorageUserRole.ADMIN

    birds.remove_group([team])

    assert list(birds.list_groups()) == []


def test_folder_config__keeps_everything_word_for_word(
    outsider: EncordUserClient, birds: StorageFolder, api_post: Callable[..., None]
) -> None:
    assert birds.get_folder_config().metadata_ingestion is None
    extra = {"indexSettings": {"colour_of": [1, None, "ü"]}, "snake_key": {"aB_c": 1.5}}
    api_post(birds, extra)

    birds.enable_metadata_ingestion(SidecarMatcherSuffix(suffix=".json"), paused=True)

    config = birds.get_folder_config()
    assert config.metadata_ingestion is not None
    assert config.metadata_ingestion.matcher.suffix == ".json"
    assert config.metadata_ingestion.paused
    kept = config.to_dict()
    assert {name: kept[name] for name in extra} == extra
    below = birds.create_subfolder("Night")
    below.enable_metadata_ingestion()
    assert below.get_folder_config().metadata_ingestion is not None
    birds._api_client = outsider._api_client
    with pytest.raises(AuthorisationError):
        birds.get_folder_config()


@pytest.fixture
def api_post() -> Callable[[StorageFolder, dict[str, Any]], None]:
    """Saves settings that the SDK has no words for, as a program does with its client."""

    def post(folder: StorageFolder, config: dict[str, Any]) -> None:
        folder._api_client.post(
            f"storage/folders/{folder.uuid}/folder-config",
            params=None,
            payload=StorageFolderConfig.model_validate(config),
            result_type=None,
        )

    return post
