"""Who sees which folder."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotAllowed, NotFound
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant
from folders.permissions import get_folder
from tests.factories import TeamFactory

ActorFor = Callable[[User], Actor]


def test_visible_to__outsider_and_member_without_grant_see_nothing(
    night: Folder, boats: Folder, outsider: User, member: User, actor_for: ActorFor
) -> None:
    assert not Folder.objects.visible_to(actor_for(outsider)).exists()
    assert not Folder.objects.visible_to(actor_for(member)).exists()


def test_visible_to__grant_holds_for_what_is_below(
    birds: Folder, night: Folder, boats: Folder, viewer: User, actor_for: ActorFor
) -> None:
    assert set(Folder.objects.visible_to(actor_for(viewer))) == {birds, night}


def test_visible_to__grant_on_a_subfolder_does_not_reach_up(
    birds: Folder, night: Folder, night_viewer: User, actor_for: ActorFor
) -> None:
    assert set(Folder.objects.visible_to(actor_for(night_viewer))) == {night}


def test_visible_to__organisation_admin_sees_all_of_his_own(
    birds: Folder, night: Folder, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    assert set(Folder.objects.visible_to(actor_for(admin))) == {birds, night, boats}


def test_visible_to__team_grant_counts_for_its_members(
    birds: Folder, night: Folder, member: User, actor_for: ActorFor
) -> None:
    team = TeamFactory.create(organisation=birds.organisation)
    FolderGrant.objects.create(folder=night, team=team, role=FolderRole.EDITOR)
    assert not Folder.objects.visible_to(actor_for(member)).exists()

    team.members.add(member)

    assert set(Folder.objects.visible_to(actor_for(member), FolderRole.EDITOR)) == {night}


def test_visible_to__person_who_left_the_organisation_sees_nothing(
    birds: Folder, viewer: User, actor_for: ActorFor
) -> None:
    actor = actor_for(viewer)
    viewer.memberships.all().delete()

    assert not Folder.objects.visible_to(actor).exists()


@pytest.mark.parametrize("role", [FolderRole.EDITOR, FolderRole.ADMIN])
def test_get_folder__weaker_role_is_refused_but_sees_the_folder(
    birds: Folder, viewer: User, actor_for: ActorFor, role: FolderRole
) -> None:
    with pytest.raises(NotAllowed):
        get_folder(actor_for(viewer), birds.pk, role)

    assert get_folder(actor_for(viewer), birds.pk) == birds


def test_get_folder__foreign_id_looks_like_no_id(
    birds: Folder, outsider: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotFound) as foreign:
        get_folder(actor_for(outsider), birds.pk)
    with pytest.raises(NotFound) as unknown:
        get_folder(actor_for(outsider), uuid4())

    assert foreign.value.message == unknown.value.message
