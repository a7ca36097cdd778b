"""The signed-in person's pages: name, password, organisations, keys."""

import re

import pytest
from django.test import Client

from accounts.models import ApiToken, Membership, Organisation, SSHKey, User
from accounts.services.tokens import token_actor
from tests.accounts.test_ssh_keys import FINGERPRINT, LINE

OLD, NEW = "correct horse battery", "a staple of clouds"


@pytest.fixture
def signed_in(client: Client, member: User) -> Client:
    client.force_login(member)
    return client


def test_account__renames_the_person(signed_in: Client, member: User) -> None:
    assert signed_in.post("/account/", {"name": " "}).status_code == 422

    assert signed_in.post("/account/", {"name": "Ann <b>"}).status_code == 302

    member.refresh_from_db()
    assert member.name == "Ann <b>"
    assert b"Ann &lt;b&gt;" in signed_in.get("/account/").content


@pytest.mark.parametrize(
    ("old", "new", "repeated", "said"),
    [
        ("wrong", NEW, NEW, b"not your password"),
        (OLD, "short", "short", b"too short"),
        (OLD, "password123", "password123", b"too common"),
        (OLD, NEW, NEW + "!", b"differ"),
        (OLD, "", "", b"required"),
    ],
)
def test_password_change__refuses(
    signed_in: Client, member: User, old: str, new: str, repeated: str, said: bytes
) -> None:
    body = {"old_password": old, "new_password": new, "repeated": repeated}

    response = signed_in.post("/account/password/", body)

    assert response.status_code == 422
    assert said in response.content
    member.refresh_from_db()
    assert member.check_password(OLD)


def test_password_change__ends_the_other_sessions(signed_in: Client, member: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(member)

    body = {"old_password": OLD, "new_password": NEW, "repeated": NEW}
    assert signed_in.post("/account/password/", body).status_code == 302

    member.refresh_from_db()
    assert member.check_password(NEW)
    assert signed_in.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_switch_organisation__only_to_ones_own(
    signed_in: Client, member: User, other_organisation: Organisation
) -> None:
    there = {"organisation": str(other_organisation.pk)}
    assert signed_in.post("/account/organisation/", there).status_code == 404
    assert signed_in.post("/account/organisation/", {"organisation": "x"}).status_code == 404
    Membership.objects.create(user=member, organisation=other_organisation)

    assert signed_in.post("/account/organisation/", there).status_code == 302

    here = signed_in.get("/api/v1/me/").json()["organisation"]["id"]
    assert here == str(other_organisation.pk)
    Membership.objects.filter(organisation=other_organisation).delete()
    assert signed_in.get("/api/v1/me/").json()["organisation"]["id"] != here


def test_keys__a_token_is_shown_once(signed_in: Client, member: User) -> None:
    body = {"token-name": "Nightly <import>", "token-scope": "write", "token-lifetime": "90"}

    made = signed_in.post("/account/keys/tokens/", body)

    found = re.search(r"kindred_[0-9a-f]{16}_[\w-]{43}", made.content.decode())
    assert found
    actor = token_actor(found[0])
    assert actor is not None
    assert (actor.user, actor.scope) == (member, "write")
    assert "no-store" in made.headers["Cache-Control"]
    again = signed_in.get("/account/keys/").content.decode()
    assert found[0] not in again
    assert "Nightly &lt;import&gt;" in again


def test_keys__a_bad_token_form_says_what_is_wrong(signed_in: Client) -> None:
    body = {"token-name": "", "token-scope": "all", "token-lifetime": "7"}

    response = signed_in.post("/account/keys/tokens/", body)

    assert response.status_code == 422
    assert b"This field is required" in response.content
    assert not ApiToken.objects.exists()


def test_keys__an_ssh_key_is_added_and_revoked(signed_in: Client) -> None:
    bad = signed_in.post("/account/keys/ssh/", {"ssh-public_key": "ssh-rsa AAAA"})
    assert bad.status_code == 422
    assert b"no public key" in bad.content

    added = signed_in.post("/account/keys/ssh/", {"ssh-public_key": LINE, "ssh-name": "Desk"})

    assert added.status_code == 302
    assert FINGERPRINT in signed_in.get("/account/keys/").content.decode()
    key = SSHKey.objects.get()
    assert signed_in.post(f"/account/keys/ssh/{key.pk}/revoke/").status_code == 302
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert FINGERPRINT not in signed_in.get("/account/keys/").content.decode()
