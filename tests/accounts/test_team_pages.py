"""Pages of teams."""

import pytest
from django.test import Client

from accounts.models import Organisation, Team, User
from tests.factories import TeamFactory


@pytest.fixture
def team(organisation: Organisation) -> Team:
    return TeamFactory.create(organisation=organisation, name="Perception")


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_teams__are_made_by_administrators(admin: User, member: User, outsider: User) -> None:
    assert _client(member).post("/teams/new/", {"name": "Owls"}).status_code == 403
    assert _client(admin).post("/teams/new/", {"name": " "}).status_code == 422

    made = _client(admin).post("/teams/new/", {"name": "Owls", "description": "By night"})

    team = Team.objects.get()
    assert made["Location"] == f"/teams/{team.pk}/"
    page = _client(member).get("/teams/").content.decode()
    assert "Owls" in page
    assert "By night" in page
    assert "team-dialog" not in page
    assert "Owls" not in _client(outsider).get("/teams/").content.decode()


def test_teams__a_name_is_taken_once(admin: User, team: Team) -> None:
    answer = _client(admin).post("/teams/new/", {"name": team.name.lower()})

    assert answer.status_code == 422
    assert "already" in answer.content.decode()


def test_team__takes_members_of_the_organisation_only(
    admin: User, member: User, outsider: User, team: Team
) -> None:
    address = f"/teams/{team.pk}/members/"
    assert _client(member).post(address, {"email": member.email}).status_code == 403
    wrong = _client(admin).post(address, {"email": outsider.email})
    assert wrong.status_code == 422
    assert "Nobody of this address" in wrong.content.decode()

    assert _client(admin).post(address, {"email": member.email}).status_code == 302

    assert list(team.members.all()) == [member]
    page = _client(member).get(f"/teams/{team.pk}/").content.decode()
    assert member.email in page
    remove = f"/teams/{team.pk}/members/{member.pk}/remove/"
    assert _client(member).post(remove).status_code == 403
    assert _client(admin).post(remove).status_code == 302
    assert not team.members.exists()
    assert _client(admin).post(remove).status_code == 404


def test_team__is_renamed_and_deleted(admin: User, member: User, team: Team) -> None:
    update = f"/teams/{team.pk}/update/"
    assert _client(member).post(update, {"name": "Mine"}).status_code == 403
    body = {"name": "Planning", "description": ""}
    assert _client(admin).post(update, body).status_code == 302
    team.refresh_from_db()
    assert team.name == "Planning"

    assert _client(member).post(f"/teams/{team.pk}/delete/").status_code == 403
    assert _client(admin).post(f"/teams/{team.pk}/delete/").status_code == 302
    assert not Team.objects.exists()
