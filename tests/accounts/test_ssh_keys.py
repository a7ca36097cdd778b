"""SSH keys: Ed25519 only, named by the raw key as the SDK's signatures carry it."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.test import Client

from accounts.actor import Actor
from accounts.models import Membership, Organisation, SSHKey, User
from accounts.services.actors import key_actor
from accounts.services.ssh_keys import add_ssh_key, find_ssh_key, revoke_ssh_key
from accounts.ssh_keys import parse_public_key
from core.errors import InvalidInput
from tests.factories import MembershipFactory

ActorFor = Callable[[User], Actor]

# The throw-away key of a captured call of the SDK, with the key id that the call carried.
LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPjQKb8qMshAjoqVylHFvfn95sWXaK79BeOcp2+8AB3x"
KEY_ID = "f8d029bf2a32c8408e8a95ca51c5bdf9fde6c59768aefd05e39ca76fbc001df1"
FINGERPRINT = "SHA256:T5yAHOdt1iMCqfwkoeFRqHZxlIj0xzRdsMvlpYCt8tc"


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        parse_public_key(text)
    return refused.value.errors[0].code


def openssh(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@pytest.mark.parametrize(
    "text",
    ["", "  ", "hello", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 ÄÖÜ", f"{LINE}\n{LINE}"],
)
def test_parse_public_key__refuses_what_is_no_key(text: str) -> None:
    assert refusal(text) == "not_a_key"


def test_parse_public_key__refuses_other_types() -> None:
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()

    assert refusal(openssh(rsa_key)) == "wrong_key_type"
    assert refusal(openssh(elliptic)) == "wrong_key_type"


def test_parse_public_key__warns_of_private_keys() -> None:
    private = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )

    assert refusal(private.decode()) == "private_key"


def test_parse_public_key__reads_line_id_and_comment() -> None:
    key = parse_public_key(f"  {LINE} ann@the desk\n")

    assert (key.line, key.key_id, key.comment) == (LINE, KEY_ID, "ann@the desk")


def test_add_ssh_key__is_named_by_its_comment(member: User, actor_for: ActorFor) -> None:
    key = add_ssh_key(actor=actor_for(member), public_key=f"{LINE} ann@desk")

    assert (key.name, key.public_key, key.key_id) == ("ann@desk", LINE, KEY_ID)


def test_add_ssh_key__a_key_has_one_person(member: User, viewer: User, actor_for: ActorFor) -> None:
    add_ssh_key(actor=actor_for(member), public_key=LINE)

    with pytest.raises(InvalidInput) as refused:
        add_ssh_key(actor=actor_for(viewer), public_key=LINE)

    assert refused.value.errors[0].code == "in_use"
    assert SSHKey.objects.get().user == member


def test_add_ssh_key__a_revoked_key_may_be_added_anew(
    member: User, viewer: User, actor_for: ActorFor
) -> None:
    key = add_ssh_key(actor=actor_for(member), public_key=LINE)

    revoke_ssh_key(actor=actor_for(member), key=key)

    assert find_ssh_key(key_id=KEY_ID) is None
    add_ssh_key(actor=actor_for(viewer), public_key=LINE)
    found = find_ssh_key(key_id=KEY_ID)
    assert found is not None
    assert found.user == viewer


def test_find_ssh_key__not_of_people_who_are_gone(member: User, actor_for: ActorFor) -> None:
    key = add_ssh_key(actor=actor_for(member), public_key=LINE)
    assert find_ssh_key(key_id=KEY_ID) == key
    key.refresh_from_db()
    assert key.last_used_at is not None

    member.is_active = False
    member.save()

    assert find_ssh_key(key_id=KEY_ID) is None


def test_rest__adds_lists_and_revokes(client: Client, member: User, viewer: User) -> None:
    wrong = client.post("/api/v1/ssh-keys/", {"public_key": LINE}, content_type="application/json")
    assert wrong.status_code == 401

    client.force_login(member)
    bad = client.post("/api/v1/ssh-keys/", {"public_key": "no"}, content_type="application/json")
    made = client.post("/api/v1/ssh-keys/", {"public_key": LINE}, content_type="application/json")
    address = f"/api/v1/ssh-keys/{made.json()['id']}/"

    assert (bad.status_code, bad.json()["errors"][0]["path"]) == (400, "public_key")
    assert made.status_code == 201
    assert made.json()["key_id"] == KEY_ID
    assert made.json()["fingerprint"].startswith("SHA256:")
    stranger = Client()
    stranger.force_login(viewer)
    assert stranger.get(address).status_code == 404
    assert stranger.delete(address).status_code == 404
    assert client.delete(address).status_code == 204
    assert client.get(address).json()["revoked_at"] is not None


def test_key_actor__acts_in_the_organisation_that_the_key_was_added_in(
    editor: User, organisation: Organisation, other_organisation: Organisation
) -> None:
    MembershipFactory.create(organisation=other_organisation, user=editor)
    there = Actor(user=editor, organisation=other_organisation)
    key = add_ssh_key(actor=there, public_key=LINE)

    assert key_actor(key) == there
    # Keys of before there was a choice.
    key.organisation = None
    assert key_actor(key) == Actor(user=editor, organisation=organisation)
    key.refresh_from_db()
    Membership.objects.filter(user=editor, organisation=other_organisation).delete()
    assert key_actor(key) is None
