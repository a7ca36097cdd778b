"""Sharing a folder on its page, and who has access to it for what reason."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.actor import Actor
from accounts.models import Organisation, Team, User
from accounts.services.actors import SESSION_KEY
from core.models import AuditEvent
from folders.access import PersonAccess, people_with_access
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant
from tests.factories import (
    FolderFactory,
    FolderGrantFactory,
    MembershipFactory,
    TeamFactory,
    UserFactory,
)

ActorFor = Callable[[User], Actor]


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _people(actor: Actor, folder: Folder) -> dict[str, PersonAccess]:
    return {one.user.email.split("@")[0]: one for one in people_with_access(actor, folder).rows}


@pytest.fixture
def team(organisation: Organisation) -> Team:
    return TeamFactory.create(organisation=organisation, name="Perception")


def test_people__are_those_who_see_the_folder_and_no_others(
    actor_for: ActorFor,
    admin: User,
    editor: User,
    night_viewer: User,
    member: User,
    outsider: User,
    birds: Folder,
    night: Folder,
) -> None:
    gone = UserFactory.create(email="gone@example.org", is_active=False)
    MembershipFactory.create(organisation=birds.organisation, user=gone)
    FolderGrantFactory.create(folder=birds, user=gone)

    assert set(_people(actor_for(admin), birds)) == {"admin", "editor"}
    assert set(_people(actor_for(admin), night)) == {"admin", "editor", "night_viewer"}
    for person in (admin, editor, night_viewer, member, outsider):
        for folder in (birds, night):
            sees = Folder.objects.visible_to(actor_for(person)).contains(folder)
            listed = person.email.split("@")[0] in _people(actor_for(admin), folder)
            assert sees == listed, (person, folder)


def test_people__every_reason_is_named_the_strongest_first(
    actor_for: ActorFor, editor: User, admin: User, team: Team, birds: Folder, night: Folder
) -> None:
    team.members.add(editor)
    FolderGrantFactory.create(folder=night, user=None, team=team, role=FolderRole.ADMIN)

    people = _people(actor_for(admin), night)

    assert people["editor"].role == FolderRole.ADMIN
    first, second = people["editor"].reasons
    assert (first.role, first.team, first.folder) == (FolderRole.ADMIN, team, night)
    assert (second.role, second.team, second.folder) == (FolderRole.EDITOR, None, birds)
    (office,) = people["admin"].reasons
    assert office.by_office


def test_people__a_folder_above_that_one_does_not_see_is_not_named(
    actor_for: ActorFor, editor: User, night_viewer: User, birds: Folder, night: Folder
) -> None:
    people = _people(actor_for(night_viewer), night)
    page = _client(night_viewer).get(f"/files/{night.pk}/access/").content.decode()

    (reason,) = people["editor"].reasons
    assert (reason.role, reason.folder) == (FolderRole.EDITOR, None)
    assert "a folder above" in page
    assert birds.name not in page


def test_people__the_queries_do_not_grow(
    actor_for: ActorFor,
    admin: User,
    team: Team,
    birds: Folder,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    folder = birds
    for _ in range(10):
        folder = FolderFactory.create(parent=folder)
        FolderGrantFactory.create(folder=folder, user=None, team=team)
    for _ in range(20):
        user = UserFactory.create()
        MembershipFactory.create(organisation=birds.organisation, user=user)
        team.members.add(user)
    actor = actor_for(admin)

    with django_assert_max_num_queries(6):
        people = people_with_access(actor, folder).rows

    assert len(people) == 21
    assert len(people[-1].reasons) == 10


def test_share__takes_an_administrator_of_the_folder(
    viewer: User, editor: User, folder_admin: User, member: User, birds: Folder, night: Folder
) -> None:
    address, body = f"/files/{birds.pk}/access/share/", {"who": member.email, "role": "viewer"}
    for person in (viewer, editor):
        assert _client(person).post(address, body).status_code == 403
    assert _client(member).post(address, body).status_code == 404
    assert _client(member).get(f"/files/{night.pk}/").status_code == 404

    assert _client(folder_admin).post(address, body).status_code == 303

    assert _client(member).get(f"/files/{night.pk}/").status_code == 200, "it holds below, too"
    event = AuditEvent.objects.get(action="folder.granted")
    assert event.data == {"role": "viewer", "to": str(member.pk)}


def test_share__with_a_team_reaches_its_members_and_ends_with_it(
    folder_admin: User, member: User, team: Team, birds: Folder
) -> None:
    team.members.add(member)
    client = _client(folder_admin)

    client.post(f"/files/{birds.pk}/access/share/", {"who": "perception", "role": "editor"})

    grant = FolderGrant.objects.get(team=team)
    page = _client(member).get(f"/files/{birds.pk}/access/").content.decode()
    assert "by team" in page
    assert "Perception" in page
    assert client.post(f"/files/{birds.pk}/access/{grant.pk}/remove/").status_code == 303
    assert _client(member).get(f"/files/{birds.pk}/").status_code == 404


def test_share__again_changes_the_role(folder_admin: User, viewer: User, birds: Folder) -> None:
    _client(folder_admin).post(
        f"/files/{birds.pk}/access/share/", {"who": viewer.email.upper(), "role": "admin"}
    )

    assert FolderGrant.objects.get(folder=birds, user=viewer).role == FolderRole.ADMIN


@pytest.mark.parametrize("who", ["outsider@example.org", "Nobody", ""])
def test_share__refuses_strangers(
    folder_admin: User, outsider: User, birds: Folder, who: str
) -> None:
    before = FolderGrant.objects.count()

    answer = _client(folder_admin).post(
        f"/files/{birds.pk}/access/share/", {"who": who, "role": "viewer"}
    )

    assert answer.status_code == 422
    assert FolderGrant.objects.count() == before


def test_unshare__of_oneself_leads_out(folder_admin: User, birds: Folder) -> None:
    grant = FolderGrant.objects.get(user=folder_admin)

    answer = _client(folder_admin).post(f"/files/{birds.pk}/access/{grant.pk}/remove/")

    assert answer["Location"] == "/files/"


def test_unshare__a_share_of_another_folder_is_out_of_reach(
    folder_admin: User, birds: Folder, boats: Folder, viewer: User
) -> None:
    other = FolderGrantFactory.create(folder=boats, user=viewer)

    answer = _client(folder_admin).post(f"/files/{birds.pk}/access/{other.pk}/remove/")

    assert answer.status_code == 404
    assert FolderGrant.objects.filter(pk=other.pk).exists()


def test_access__of_a_moved_folder_follows_its_new_place(
    actor_for: ActorFor, admin: User, editor: User, member: User, night: Folder, boats: Folder
) -> None:
    FolderGrantFactory.create(folder=boats, user=member)
    assert set(_people(actor_for(admin), night)) == {"admin", "editor"}
    from folders.services.moves import move_folder

    moved = move_folder(actor=actor_for(admin), folder=night, parent=boats)

    assert set(_people(actor_for(admin), moved)) == {"admin", "member"}
    assert _client(editor).get(f"/files/{night.pk}/").status_code == 404
    assert _client(member).get(f"/files/{night.pk}/").status_code == 200


def test_share__holds_in_a_deep_tree(
    folder_admin: User, member: User, birds: Folder, night: Folder
) -> None:
    folder = night
    for _ in range(30):
        folder = FolderFactory.create(parent=folder)

    body = {"who": member.email, "role": "editor"}
    _client(folder_admin).post(f"/files/{night.pk}/access/share/", body)

    assert _client(member).get(f"/files/{folder.pk}/").status_code == 200
    assert _client(member).get(f"/files/{birds.pk}/").status_code == 404


def test_link__says_to_whom_it_does_not_open_as_whom_he_asked(
    member: User, birds: Folder, other_organisation: Organisation
) -> None:
    address = f"/files/{birds.pk}/"
    alone = _client(member).get(address)
    assert alone.status_code == 404
    assert "ask for access" in alone.content.decode()
    assert "Try in" not in alone.content.decode()

    MembershipFactory.create(organisation=other_organisation, user=member)
    page = _client(member).get(address).content.decode()

    assert f"Try in {other_organisation.name}" in page
    assert birds.name not in page


def test_link__of_another_organisation_opens_after_the_switch(
    viewer: User, birds: Folder, other_organisation: Organisation
) -> None:
    MembershipFactory.create(organisation=other_organisation, user=viewer)
    client = _client(viewer)
    session = client.session
    session[SESSION_KEY] = str(other_organisation.pk)
    session.save()
    address = f"/files/{birds.pk}/"
    assert "Try in Lighthouse Lab" in client.get(address).content.decode()

    body = {"organisation": birds.organisation_id, "next": address}
    answer = client.post("/account/organisation/", body)

    assert answer["Location"] == address
    assert client.get(address).status_code == 200
    away = client.post("/account/organisation/", body | {"next": "//evil.example/"})
    assert away["Location"] == "/"
