"""Integrations, groups, people and presets by the SDK, against a live server."""

from uuid import uuid4

import pytest
from encord.exceptions import (
    AuthorisationError,
    InvalidArgumentsError,
    ResourceExistsError,
)
from encord.user_client import EncordUserClient

from tests.encord_api.conftest import Platform

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("encord")]

WIDE = {
    "include": True,
    "values": [100, 5000],
    "domain": "data",
    "metric": "metric_width",
    "type": "metric",
}
STRANGE = {"type": "unheard-of", "camelCase": {"snake_case": [1, None, "é"]}}


def test_integrations__are_listed_and_picked(
    insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    mine = insider.get_cloud_integrations()

    assert [one.title for one in mine] == ["Web addresses"]
    theirs = outsider.get_cloud_integrations()
    assert theirs[0].id != mine[0].id
    assert insider.get_cloud_integrations(filter_integration_uuids=[mine[0].id]) == mine
    assert insider.get_cloud_integrations(filter_integration_uuids=[theirs[0].id]) == []
    assert insider.get_cloud_integrations(filter_integration_titles=["Web addresses"]) == mine
    assert insider.get_cloud_integrations(filter_integration_titles=["No such"]) == []


def test_groups__are_teams(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    name = f"Owls {uuid4().hex}"

    group = insider.create_group(name, description="Who look at night")

    assert (group.name, group.description) == (name, "Who look at night")
    assert group.created_at is not None
    with pytest.raises(AuthorisationError):
        outsider.get_group(group.group_hash)
    with pytest.raises(AuthorisationError):
        outsider.delete_group(group.group_hash)
    assert name not in [one.name for one in outsider.list_groups()]
    with pytest.raises(ResourceExistsError, match="already"):
        insider.create_group(name.upper())
    assert group.group_hash in [one.group_hash for one in insider.list_groups()]

    group.update_group(description="By day, too")
    group.update_group(name=f"{name}!")
    read = insider.get_group(group.group_hash)
    assert (read.name, read.description) == (f"{name}!", "By day, too")

    assert list(read.list_users()) == []
    with pytest.raises(AuthorisationError, match="no such member"):
        read.add_users([platform.insider.email, platform.outsider.email])
    assert list(read.list_users()) == []
    added = read.add_users([platform.insider.email.upper()])
    assert [user.user_email for user in added] == [platform.insider.email]
    assert [user.user_email for user in read.list_users()] == [platform.insider.email]
    read.remove_users([platform.insider.email, "nobody@example.org"])
    assert list(read.list_users()) == []

    insider.delete_group(group.group_hash)
    with pytest.raises(AuthorisationError):
        insider.get_group(group.group_hash)


def test_users__come_and_go(
    platform: Platform, insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    email = f"{uuid4().hex}+new@example.org"

    insider.add_organisation_user(email, role_mnemonic_name="MEMBER", member_type="internal")

    users = {user.email: user for user in insider.list_organisation_users()}
    assert users[email].role_mnemonic_name == "MEMBER"
    assert users[platform.insider.email].role_mnemonic_name == "ADMIN"
    assert users[email].role_uuid != users[platform.insider.email].role_uuid
    assert users[email].member_type == "internal"
    assert [user.email for user in outsider.list_organisation_users()] == [platform.outsider.email]
    with pytest.raises(AuthorisationError):
        outsider.remove_organisation_user(email)
    with pytest.raises(ResourceExistsError):
        insider.add_organisation_user(email, role_mnemonic_name="MEMBER", member_type="internal")
    for role, kind in (("TASKER", "internal"), ("MEMBER", "external")):
        with pytest.raises(InvalidArgumentsError):
            insider.add_organisation_user(
                "x@example.org",
                role_mnemonic_name=role,  # type: ignore[arg-type]
                member_type=kind,  # type: ignore[arg-type]
            )

    insider.remove_organisation_user(email)

    assert email not in [user.email for user in insider.list_organisation_users()]
    with pytest.raises(AuthorisationError):
        insider.remove_organisation_user(email)


def test_presets__are_kept_as_they_came(
    insider: EncordUserClient, outsider: EncordUserClient
) -> None:
    name = f"Wide {uuid4().hex}"
    definition = {"global_filters": {"filters": [WIDE, STRANGE]}}

    preset = insider.create_preset(name, description="Panoramas", filter_preset_json=definition)

    assert (preset.name, preset.description) == (name, "Panoramas")
    assert preset.created_at is not None
    assert preset.last_updated_at is not None
    kept = preset.get_filter_preset_json().to_dict()
    assert kept["global_filters"] == {"filters": [WIDE, STRANGE]}
    assert kept["local_filters"] == {"00000000-0000-0000-0000-000000000000": {"filters": []}}
    with pytest.raises(AuthorisationError):
        outsider.get_filter_preset(preset.uuid)
    with pytest.raises(AuthorisationError):
        outsider.delete_preset(preset.uuid)

    preset.update_preset(name=f"{name}!")
    local = {str(uuid4()): {"filters": [STRANGE]}}
    preset.update_preset(filter_preset_json={"local_filters": local})
    read = insider.get_filter_preset(preset.uuid)
    assert (read.name, read.description) == (f"{name}!", "Panoramas")
    assert read.get_filter_preset_json().to_dict()["local_filters"] == local
    assert [one.uuid for one in insider.get_filter_presets([preset.uuid, uuid4()])] == [preset.uuid]
    assert preset.uuid in [one.uuid for one in insider.list_presets(page_size=1)]
    folder = insider.create_storage_folder("Birds")
    listed = insider.list_presets(top_level_folder_uuid=folder.uuid)
    assert preset.uuid in [one.uuid for one in listed]

    insider.delete_preset(preset.uuid)
    with pytest.raises(AuthorisationError):
        insider.get_filter_preset(preset.uuid)
