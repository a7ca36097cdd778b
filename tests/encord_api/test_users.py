"""People whom the SDK lets in, without a live server."""

import re
from collections.abc import Callable

from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import Membership, Organisation, User
from accounts.services.tokens import create_token
from core.models import OutgoingMail
from core.services.mails import send_waiting_mails

ActorFor = Callable[[User], Actor]
NEW = {"email": "New@Example.org", "roleMnemonicName": "MEMBER", "memberType": "internal"}


def add(client: Client, user: User, actor_for: ActorFor) -> int:
    """Let somebody in, as the user."""
    _, token = create_token(actor=actor_for(user), name="t", scope=TokenScope.WRITE)
    return client.post(
        "/v2/public/organisation/users",
        NEW,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    ).status_code


def test_new_person__is_mailed_the_way_to_a_password(
    client: Client,
    organisation: Organisation,
    member: User,
    admin: User,
    actor_for: ActorFor,
    mailoutbox: list[EmailMessage],
) -> None:
    assert add(client, member, actor_for) == 403
    assert mailoutbox == []

    assert add(client, admin, actor_for) == 200

    assert Membership.objects.filter(user__email="new@example.org").exists()
    assert [mail.to for mail in mailoutbox] == [["new@example.org"]]
    link = re.search(r"https?://[^/\s]+(/\S+)", str(mailoutbox[0].body))
    assert link is not None
    assert Client().get(link[1], follow=True).status_code == 200
    assert add(client, admin, actor_for) == 409
    assert len(mailoutbox) == 1


def test_new_person__belongs_although_the_mail_fails(
    client: Client,
    organisation: Organisation,
    admin: User,
    actor_for: ActorFor,
    settings: LazySettings,
) -> None:
    settings.EMAIL_BACKEND = "core.mail.OutboxBackend"
    settings.MAIL_SERVER_BACKEND = "tests.core.mail_servers.Refusing"

    assert add(client, admin, actor_for) == 200

    send_waiting_mails()
    assert Membership.objects.filter(user__email="new@example.org").exists()
    assert OutgoingMail.objects.get().recipient == "new@example.org"
