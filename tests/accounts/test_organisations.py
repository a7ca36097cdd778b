"""Organisations, members and teams: only administrators change them, one always remains."""

from collections.abc import Callable
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, Team, User
from accounts.services import teams
from accounts.services.organisations import (
    add_member,
    change_member_role,
    create_organisation,
    remove_member,
    rename_organisation,
)
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant
from folders.services.grants import grant_folder
from tests.embeddings.connections import wait_for_a_lock, writers
from tests.factories import (
    FolderGrantFactory,
    MembershipFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
)

ActorFor = Callable[[User], Actor]
ADMIN, MEMBER = OrganisationRole.ADMIN, OrganisationRole.MEMBER


def test_create_organisation__its_maker_administers_it(db: None) -> None:
    user = UserFactory.create()
    with pytest.raises(InvalidInput):
        create_organisation(user=user, name=" ")

    organisation = create_organisation(user=user, name=" Lab ")

    assert organisation.name == "Lab"
    assert Actor(user=user, organisation=organisation).is_organisation_admin
    event = AuditEvent.objects.get()
    assert (event.action, event.target_id) == ("organisation.created", str(organisation.pk))


def test_rename_organisation__is_for_administrators(
    member: User, admin: User, actor_for: ActorFor, organisation: Organisation
) -> None:
    with pytest.raises(NotAllowed):
        rename_organisation(actor=actor_for(member), name="Mine")

    rename_organisation(actor=actor_for(admin), name="Ours")

    organisation.refresh_from_db()
    assert organisation.name == "Ours"


def test_add_member__is_for_administrators(
    member: User, outsider: User, actor_for: ActorFor, organisation: Organisation
) -> None:
    with pytest.raises(NotAllowed):
        add_member(actor=actor_for(member), email="new@example.org")

    assert not User.objects.filter(email="new@example.org").exists()
    assert not Membership.objects.filter(user=outsider, organisation=organisation).exists()


def test_add_member__a_new_person_gets_a_password_once(
    admin: User, actor_for: ActorFor, organisation: Organisation
) -> None:
    membership, password = add_member(
        actor=actor_for(admin), email=" New@Example.org", name="New", role=MEMBER
    )

    assert membership.organisation == organisation
    assert membership.user.email == "new@example.org"
    assert membership.user.check_password(password)
    assert password not in str(AuditEvent.objects.values_list("data"))


def test_add_member__somebody_of_another_organisation_only_by_the_operator(
    admin: User, outsider: User, actor_for: ActorFor
) -> None:
    with pytest.raises(Conflict) as refused:
        add_member(actor=actor_for(admin), email=outsider.email)
    assert refused.value.code == "person_of_another_organisation"
    assert not Membership.objects.filter(user=outsider, organisation__memberships__user=admin)
    admin.is_superuser = True

    membership, password = add_member(actor=actor_for(admin), email=outsider.email.upper())

    assert (membership.user, password) == (outsider, "")
    with pytest.raises(Conflict):
        add_member(actor=actor_for(admin), user=outsider)


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.org"])
def test_add_member__refuses_what_is_no_address(
    admin: User, actor_for: ActorFor, email: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_member(actor=actor_for(admin), email=email)

    assert refused.value.errors[0].path == "email"


def test_change_member_role__one_administrator_remains(
    admin: User, member: User, actor_for: ActorFor
) -> None:
    own, other = (Membership.objects.get(user=user) for user in (admin, member))
    with pytest.raises(NotAllowed):
        change_member_role(actor=actor_for(member), membership=other, role=ADMIN)
    with pytest.raises(Conflict):
        change_member_role(actor=actor_for(admin), membership=own, role=MEMBER)

    change_member_role(actor=actor_for(admin), membership=other, role=ADMIN)
    change_member_role(actor=actor_for(admin), membership=own, role=MEMBER)

    assert actor_for(member).is_organisation_admin
    assert not actor_for(admin).is_organisation_admin


def test_remove_member__others_only_by_administrators_oneself_always(
    admin: User, member: User, viewer: User, actor_for: ActorFor
) -> None:
    memberships = {row.user: row for row in Membership.objects.all()}
    with pytest.raises(NotAllowed):
        remove_member(actor=actor_for(member), membership=memberships[viewer])
    with pytest.raises(Conflict):
        remove_member(actor=actor_for(admin), membership=memberships[admin])

    remove_member(actor=actor_for(member), membership=memberships[member])
    remove_member(actor=actor_for(admin), membership=memberships[viewer])

    assert [row.user for row in Membership.objects.all()] == [admin]


def test_remove_member__takes_the_teams_of_this_organisation_only(
    admin: User, member: User, actor_for: ActorFor, organisation: Organisation
) -> None:
    here = TeamFactory.create(organisation=organisation)
    elsewhere = TeamFactory.create()
    for team in (here, elsewhere):
        team.members.add(member)

    remove_member(actor=actor_for(admin), membership=Membership.objects.get(user=member))

    assert list(member.teams.all()) == [elsewhere]


def test_remove_member__grants_do_not_wait_for_the_return(
    admin: User, viewer: User, actor_for: ActorFor, birds: Folder
) -> None:
    elsewhere = FolderGrantFactory.create(user=viewer)
    assert Folder.objects.visible_to(actor_for(viewer)).contains(birds)

    remove_member(actor=actor_for(admin), membership=Membership.objects.get(user=viewer))
    add_member(actor=actor_for(admin), user=viewer)

    assert not Folder.objects.visible_to(actor_for(viewer)).exists()
    assert FolderGrant.objects.filter(pk=elsewhere.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_remove_member__two_administrators_cannot_remove_each_other_at_once() -> None:
    organisation = OrganisationFactory.create()
    memberships = [
        MembershipFactory.create(organisation=organisation, role=ADMIN) for _ in range(2)
    ]
    actors = [Actor(user=row.user, organisation=organisation) for row in memberships]
    # Both were found to be administrators before either was removed.
    assert all(actor.is_organisation_admin for actor in actors)
    start, refused = Barrier(2), list[DomainError]()

    def remove(actor: Actor, whom: Membership) -> None:
        try:
            start.wait(timeout=20)
            remove_member(actor=actor, membership=whom)
        except DomainError as error:
            refused.append(error)
        finally:
            connection.close()

    pairs = zip(actors, reversed(memberships), strict=True)
    threads = [Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert Membership.objects.filter(organisation=organisation, role=ADMIN).count() == 1


def test_membership_that_has_just_ended__is_not_found(
    admin: User, viewer: User, actor_for: ActorFor
) -> None:
    actor = actor_for(admin)
    stale = Membership.objects.get(user=viewer)
    remove_member(actor=actor, membership=Membership.objects.get(user=viewer))

    with pytest.raises(NotFound):
        change_member_role(actor=actor, membership=stale, role=ADMIN)
    with pytest.raises(NotFound):
        remove_member(actor=actor, membership=stale)

    assert AuditEvent.objects.filter(action="member.removed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_remove_member__beside_a_grant_leaves_none(
    admin: User, viewer: User, birds: Folder, actor_for: ActorFor
) -> None:
    actor, membership = actor_for(admin), Membership.objects.get(user=viewer)
    with writers(2) as (remover, granter):
        remover.begin()
        remover.do(lambda: remove_member(actor=actor, membership=membership))
        granted = granter.start(
            lambda: grant_folder(actor=actor, folder=birds, role=FolderRole.VIEWER, user=viewer)
        )
        wait_for_a_lock()
        remover.commit()
        with pytest.raises(InvalidInput):
            granted.result(timeout=20)

    assert not FolderGrant.objects.filter(user=viewer).exists()


def test_teams__are_kept_by_administrators(
    admin: User, member: User, outsider: User, actor_for: ActorFor
) -> None:
    actor = actor_for(admin)
    with pytest.raises(NotAllowed):
        teams.create_team(actor=actor_for(member), name="Owls")

    team = teams.create_team(actor=actor, name="Owls")

    with pytest.raises(Conflict):
        teams.create_team(actor=actor, name="OWLS")
    with pytest.raises(InvalidInput):
        teams.add_team_member(actor=actor, team=team, user=outsider)
    for change in (
        lambda: teams.update_team(actor=actor_for(member), team=team, name="Mine"),
        lambda: teams.add_team_member(actor=actor_for(member), team=team, user=member),
        lambda: teams.delete_team(actor=actor_for(member), team=team),
    ):
        with pytest.raises(NotAllowed):
            change()
    teams.update_team(actor=actor, team=team, description=" Who look at night ")
    teams.update_team(actor=actor, team=team, name="owls")
    team.refresh_from_db()
    assert (team.name, team.description) == ("owls", "Who look at night")
    with pytest.raises(InvalidInput):
        teams.update_team(actor=actor, team=team, description="a\x00b")
    teams.add_team_member(actor=actor, team=team, user=member)
    teams.add_team_member(actor=actor, team=team, user=member)
    assert list(team.members.all()) == [member]
    teams.remove_team_member(actor=actor, team=team, user=member)
    teams.delete_team(actor=actor, team=team)
    assert not Team.objects.exists()


def test_rest__members_are_listed_added_changed_and_removed(
    client: Client, admin: User, member: User
) -> None:
    body = {"email": "new@example.org", "role": "member"}
    client.force_login(member)
    assert client.post("/api/v1/members/", body, "application/json").status_code == 403

    client.force_login(admin)
    added = client.post("/api/v1/members/", body, "application/json")
    address = f"/api/v1/members/{added.json()['user']['id']}/"

    assert added.status_code == 201
    assert added.json()["initial_password"]
    again = client.post("/api/v1/members/", body, "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    assert client.patch(address, {"role": "boss"}, "application/json").status_code == 400
    assert client.patch(address, {"role": "admin"}, "application/json").json()["role"] == "admin"
    emails = {row["user"]["email"] for row in client.get("/api/v1/members/").json()["results"]}
    assert emails == {admin.email, member.email, "new@example.org"}
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_rest__teams_do_not_tell_of_strangers(
    client: Client, admin: User, outsider: User, organisation: Organisation
) -> None:
    """A person of another organisation and one that does not exist are refused alike."""
    client.force_login(admin)
    team = TeamFactory.create(organisation=organisation)
    address = f"/api/v1/teams/{team.pk}/members/"

    known = client.post(address, {"user": str(outsider.pk)}, "application/json")
    nobody = client.post(
        address, {"user": "00000000-0000-4000-8000-000000000000"}, "application/json"
    )

    assert known.status_code == nobody.status_code == 400
    assert known.json()["errors"] == nobody.json()["errors"]


def test_rest__lists_do_not_ask_more_for_more_rows(
    client: Client,
    admin: User,
    organisation: Organisation,
    django_assert_max_num_queries: Callable[..., pytest.RaisesExc[BaseException]],
) -> None:
    client.force_login(admin)
    for _ in range(5):
        TeamFactory.create(organisation=organisation).members.add(admin)
        MembershipFactory.create(organisation=organisation)

    for address in ("/api/v1/teams/", "/api/v1/members/"):
        with django_assert_max_num_queries(7):
            assert len(client.get(address).json()["results"]) >= 5


def test_team__asked_for_again_under_its_id_is_the_same(
    organisation: Organisation, admin: User, actor_for: ActorFor
) -> None:
    actor, wanted = actor_for(admin), uuid4()

    first = teams.create_team(actor=actor, name="Owls", team_id=wanted)
    again = teams.create_team(actor=actor, name="Owls", team_id=wanted)

    assert first.pk == again.pk == wanted
    assert Team.objects.count() == 1
    with pytest.raises(Conflict):
        teams.create_team(actor=actor, name="Owls", team_id=uuid4())
