"""API tokens: made, recognised, expired, revoked; over REST they make no others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import ApiToken, Membership, User
from accounts.services.organisations import remove_member
from accounts.services.tokens import create_token, revoke_token, token_actor
from accounts.tokens import parse_token
from core.errors import InvalidInput
from core.models import AuditEvent

ActorFor = Callable[[User], Actor]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def bearer(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize("name", ["", "   ", "x" * 151, "nul\x00"])
def test_create_token__refuses_a_bad_name(member: User, actor_for: ActorFor, name: str) -> None:
    with pytest.raises(InvalidInput):
        create_token(actor=actor_for(member), name=name, scope=TokenScope.READ)


def test_create_token__refuses_an_expiry_in_the_past(member: User, actor_for: ActorFor) -> None:
    past = timezone.now() - timedelta(seconds=1)

    with pytest.raises(InvalidInput) as refused:
        create_token(actor=actor_for(member), name="Import", scope=TokenScope.READ, expires_at=past)

    assert refused.value.errors[0].path == "expires_at"


def test_create_token__stores_no_secret(member: User, actor_for: ActorFor) -> None:
    token, text = create_token(actor=actor_for(member), name=" Import ", scope=TokenScope.WRITE)

    parts = parse_token(text)
    assert parts is not None
    assert (token.name, token.key_id) == ("Import", parts.key_id)
    stored = str(ApiToken.objects.values().get()) + str(AuditEvent.objects.values_list("data"))
    assert parts.secret not in stored
    assert parts.secret not in repr(parts)


def test_token_actor__knows_its_person_organisation_and_scope(
    member: User, actor_for: ActorFor
) -> None:
    actor = actor_for(member)
    _, text = create_token(actor=actor, name="Import", scope=TokenScope.READ)

    found = token_actor(text)

    assert found == Actor(user=member, organisation=actor.organisation, scope=TokenScope.READ)


@pytest.mark.parametrize("text", ["", "kindred", "kindred_0123456789abcdef_short", "ünïcode"])
def test_token_actor__does_not_know_what_is_no_token(db: None, text: str) -> None:
    assert token_actor(text) is None


def test_token_actor__does_not_know_another_secret(member: User, actor_for: ActorFor) -> None:
    _, text = create_token(actor=actor_for(member), name="Import", scope=TokenScope.READ)
    last = "A" if text[-1] != "A" else "B"

    assert token_actor(text[:-1] + last) is None


def test_token_actor__another_pepper_revokes_all(
    member: User, actor_for: ActorFor, settings: LazySettings
) -> None:
    _, text = create_token(actor=actor_for(member), name="Import", scope=TokenScope.READ)

    settings.API_TOKEN_PEPPER = "rotated"

    assert token_actor(text) is None


def test_token_actor__expires(member: User, actor_for: ActorFor) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _, text = create_token(
            actor=actor_for(member),
            name="Import",
            scope=TokenScope.READ,
            expires_at=NOON + timedelta(days=1),
        )
        assert token_actor(text) is not None

        clock.shift(timedelta(days=1))

        assert token_actor(text) is None


def test_token_actor__ends_with_the_person_and_with_the_membership(
    admin: User, member: User, viewer: User, actor_for: ActorFor
) -> None:
    _, inactive = create_token(actor=actor_for(viewer), name="Import", scope=TokenScope.READ)
    _, removed = create_token(actor=actor_for(member), name="Import", scope=TokenScope.READ)
    viewer.is_active = False
    viewer.save()
    remove_member(actor=actor_for(admin), membership=Membership.objects.get(user=member))

    assert token_actor(inactive) is None
    assert token_actor(removed) is None


def test_token_actor__notes_its_use_at_most_once_a_minute(
    member: User, actor_for: ActorFor
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token, text = create_token(actor=actor_for(member), name="Import", scope=TokenScope.READ)
        seen = []
        for _ in range(4):
            token_actor(text)
            token.refresh_from_db()
            seen.append(token.last_used_at)
            clock.shift(timedelta(seconds=31))

    assert seen[0] == seen[1] == NOON
    assert seen[2] is not None
    assert seen[2] > NOON


def test_revoke_token__is_for_ever_and_recorded_once(member: User, actor_for: ActorFor) -> None:
    actor = actor_for(member)
    token, text = create_token(actor=actor, name="Import", scope=TokenScope.READ)

    revoke_token(actor=actor, token=token)
    revoke_token(actor=actor, token=token)

    assert token_actor(text) is None
    assert AuditEvent.objects.filter(action="api_token.revoked").count() == 1


def test_rest__a_bad_token_is_refused_even_beside_a_session(client: Client, member: User) -> None:
    client.force_login(member)
    assert client.get("/api/v1/me/").status_code == 200

    response = client.get("/api/v1/me/", headers={"Authorization": "Bearer kindred_nope"})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "not_signed_in"


def test_rest__a_reading_token_cannot_write(member: User, actor_for: ActorFor) -> None:
    _, text = create_token(actor=actor_for(member), name="Import", scope=TokenScope.READ)

    response = bearer(text).patch("/api/v1/me/", {"name": "Ann"}, content_type="application/json")

    assert response.status_code == 403
    assert response.json()["code"] == "read_only_token"
    assert bearer(text).get("/api/v1/me/").json()["scope"] == "read"


def test_rest__a_token_makes_no_tokens(client: Client, member: User, actor_for: ActorFor) -> None:
    _, text = create_token(actor=actor_for(member), name="Import", scope=TokenScope.WRITE)
    wanted = {"name": "Second", "scope": "write"}

    refused = bearer(text).post("/api/v1/tokens/", wanted, content_type="application/json")
    client.force_login(member)
    made = client.post("/api/v1/tokens/", wanted, content_type="application/json")

    assert (refused.status_code, refused.json()["code"]) == (403, "session_required")
    assert made.status_code == 201
    assert bearer(made.json()["token"]).get("/api/v1/me/").json()["user"]["email"] == member.email
    listed = client.get("/api/v1/tokens/").json()["results"]
    assert [row["name"] for row in listed] == ["Second", "Import"]
    assert "token" not in listed[0]


def test_rest__a_token_acts_only_in_its_organisation(
    member: User, outsider: User, actor_for: ActorFor
) -> None:
    """Somebody who belongs to two organisations reaches one through a token of the other."""
    actor = actor_for(member)
    _, text = create_token(actor=actor, name="Import", scope=TokenScope.WRITE)
    other = Membership.objects.get(user=outsider).organisation
    Membership.objects.create(user=member, organisation=other)

    body = bearer(text).get("/api/v1/me/").json()

    assert body["organisation"]["id"] == str(actor.organisation_id)
    assert len(body["memberships"]) == 2
    assert len(bearer(text).get("/api/v1/members/").json()["results"]) == 1
