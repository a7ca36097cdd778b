"""A new password by e-mail."""

import re

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.constants import RESETS_PER_EMAIL, SIGN_IN_FAILURES
from accounts.models import Organisation, SSHKey, User
from accounts.services.ssh_keys import add_ssh_key
from accounts.services.tokens import create_token, token_actor
from accounts.services.trust import has_proven_mailbox
from core.models import AuditEvent
from tests.accounts.test_ssh_keys import LINE

NEW = "a staple of clouds"


def _ask(client: Client, email: str) -> int:
    return client.post("/password/", {"email": email}).status_code


def _link(mail: EmailMessage) -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.body))
    assert found is not None
    return found[1]


def _open(client: Client, link: str) -> str:
    """Follow the link to the form; the key must not stay in the address."""
    answer = client.get(link)
    assert answer.status_code == 302
    assert answer["Location"].endswith("-set-password/")
    return str(answer["Location"])


def test_ask__answers_the_same_for_strangers_and_sends_them_nothing(
    client: Client, member: User, mailoutbox: list[EmailMessage]
) -> None:
    stranger = client.post("/password/", {"email": "nobody@example.org"})
    assert mailoutbox == []

    known = client.post("/password/", {"email": member.email.upper()})

    assert stranger.status_code == known.status_code == 302
    assert stranger["Location"] == known["Location"] == "/password/asked/"
    assert [mail.to for mail in mailoutbox] == [[member.email.upper()]]


def test_ask__not_for_inactive_people(
    client: Client, member: User, mailoutbox: list[EmailMessage]
) -> None:
    member.is_active = False
    member.save()

    assert _ask(client, member.email) == 302
    assert mailoutbox == []


def test_ask__refuses_what_is_no_address_and_too_many_mails(client: Client, member: User) -> None:
    assert _ask(client, "nobody") == 422

    for _ in range(RESETS_PER_EMAIL):
        assert _ask(client, member.email) == 302

    assert _ask(client, member.email) == 429


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [(NEW, NEW + "!", b"same password"), ("short", "short", b"too short"), ("", "", b"required")],
)
def test_new_password__refuses(
    client: Client, member: User, mailoutbox: list[EmailMessage], one: str, two: str, said: bytes
) -> None:
    _ask(client, member.email)
    form = _open(client, _link(mailoutbox[0]))

    answer = client.post(form, {"password1": one, "password2": two})

    assert answer.status_code == 422
    assert said in answer.content
    member.refresh_from_db()
    assert not member.check_password(one)


def test_new_password__needs_a_link_that_is_good(
    client: Client, member: User, mailoutbox: list[EmailMessage]
) -> None:
    _ask(client, member.email)
    link = _link(mailoutbox[0])

    assert client.get(link.replace("/password/new/", "/password/new/0")).status_code == 404
    assert client.get(link[:-2] + "x/").status_code == 404


def test_new_password__lets_the_owner_in_and_everybody_else_out(
    client: Client, member: User, organisation: Organisation, mailoutbox: list[EmailMessage]
) -> None:
    actor = Actor(user=member, organisation=organisation)
    add_ssh_key(actor=actor, public_key=LINE)
    _, token = create_token(actor=actor, name="Old", scope=TokenScope.WRITE)
    elsewhere = Client()
    elsewhere.force_login(member)
    for _ in range(SIGN_IN_FAILURES + 1):
        elsewhere.post("/sign-in/", {"email": member.email, "password": "guess"})
    _ask(client, member.email)
    link = _link(mailoutbox[0])

    answer = client.post(_open(client, link), {"password1": NEW, "password2": NEW})

    assert answer["Location"] == "/sign-in/"
    body = {"email": member.email, "password": NEW}
    assert client.post("/sign-in/", body).status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    assert token_actor(token) is None
    assert not SSHKey.objects.filter(user=member, revoked_at=None).exists()
    assert has_proven_mailbox(member)
    event = AuditEvent.objects.get(action="person.password_reset")
    assert event.data == {"ssh_keys_revoked": 1, "api_tokens_revoked": 1}
    assert Client().get(link).status_code == 404, "a link is good once"


def test_mail__comes_from_the_configured_sender(
    client: Client, member: User, mailoutbox: list[EmailMessage], settings: LazySettings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Lab <lab@example.org>"

    _ask(client, member.email)

    assert mailoutbox[0].from_email == "Lab <lab@example.org>"
    assert mailoutbox[0].subject == "A new password for Kindred"
