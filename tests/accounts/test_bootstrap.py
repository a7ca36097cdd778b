"""`manage.py bootstrap`."""

import io
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import ApiToken, Membership, Organisation, SSHKey, User
from accounts.services import bootstrap as service
from accounts.services.tokens import token_actor

pytestmark = pytest.mark.django_db

ADA = {
    "email": "Ada@Example.com",
    "password": "engine of analysis",
    "organisation": "Bakery",
}


def run(**options: object) -> str:
    """Run the command; return what it printed."""
    output = io.StringIO()
    call_command("bootstrap", **(ADA | options), stdout=output)
    return output.getvalue().strip()


def public_key() -> str:
    """A new Ed25519 key in OpenSSH's form."""
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " ada@desk\n"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"email": "nobody"}, "This is no e-mail address"),
        ({"password": "short"}, "too short"),
        ({"organisation": "  "}, "Give a name"),
        ({"ssh_public_key": "/nowhere/key.pub"}, "The key /nowhere/key.pub cannot be read"),
    ],
)
def test_bootstrap__refuses_and_makes_nothing(wrong: dict[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(**wrong)

    assert not User.objects.exists()
    assert not Organisation.objects.exists()


def test_bootstrap__refuses_a_private_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")

    with pytest.raises(CommandError, match="private key"):
        run(ssh_public_key=str(tmp_path / "key"))


def test_bootstrap__makes_person_organisation_and_token() -> None:
    token = run()

    person = User.objects.get(email="ada@example.com")
    assert person.check_password(ADA["password"])
    assert person.is_superuser
    actor = token_actor(token)
    assert actor == Actor(user=person, organisation=Organisation.objects.get(name="Bakery"))
    assert actor is not None
    assert actor.is_organisation_admin


def test_bootstrap__again_changes_nothing_but_the_token(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(public_key())

    first = run(ssh_public_key=str(tmp_path / "key.pub"))
    second = run(ssh_public_key=str(tmp_path / "key.pub"))

    assert first != second
    assert token_actor(first) == token_actor(second)
    assert token_actor(second) is not None
    assert User.objects.count() == 1
    assert Organisation.objects.count() == 1
    assert SSHKey.objects.count() == 1


def test_bootstrap__another_password_is_set() -> None:
    run()

    run(password="difference engine 2")

    assert User.objects.get().check_password("difference engine 2")


def test_bootstrap__only_the_first_person_operates_the_server() -> None:
    run()

    run(email="bob@example.com")

    assert not User.objects.get(email="bob@example.com").is_superuser
    assert set(Membership.objects.values_list("role", flat=True)) == {OrganisationRole.ADMIN}
    assert Organisation.objects.count() == 1


def test_bootstrap__a_member_becomes_an_administrator(member: User) -> None:
    organisation = Organisation.objects.get(memberships__user=member)

    run(email=member.email, organisation=organisation.name)

    assert Membership.objects.get(user=member).role == OrganisationRole.ADMIN


def test_bootstrap__without_a_token() -> None:
    assert run(token=False) == ""
    assert not ApiToken.objects.exists()


def test_bootstrap__the_oldest_tokens_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "TOKENS_KEPT", 2)

    tokens = [run() for _time in range(3)]

    assert [token_actor(token) is not None for token in tokens] == [False, True, True]
