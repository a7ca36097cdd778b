"""Mails wait in the database for a mail server that takes them."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.models import OutgoingMail
from core.services import mails
from core.services.mails import KEPT, TRIED_FOR, send_mail, send_waiting_mails
from stack.ports import free_port
from tests.core.mail_servers import smtp_server
from tests.jobs import wait_for

REFUSING = "tests.core.mail_servers.Refusing"
LOCAL = "django.core.mail.backends.locmem.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _outbox(settings: LazySettings) -> None:
    """As in production, to a server that gets in the way of nobody."""
    settings.EMAIL_BACKEND = "core.mail.OutboxBackend"
    settings.MAIL_SERVER_BACKEND = LOCAL


def put(subject: str = "Come in", to: str = "guest@example.org") -> OutgoingMail:
    """A mail that waits."""
    mail.send_mail(subject, "The link: https://kindred.example.org/i/secret", None, [to])
    return OutgoingMail.objects.get(recipient=to, subject=subject)


def make_due() -> None:
    """Let the pause be over."""
    OutgoingMail.objects.update(next_at=timezone.now())


def test_mail__waits_sealed_and_goes(db: None, mailoutbox: list[EmailMessage]) -> None:
    waiting = put()
    assert mailoutbox == []
    assert "secret" not in waiting.content

    assert send_mail(mail_id=waiting.pk)

    (sent,) = mailoutbox
    assert (sent.to, sent.subject) == (["guest@example.org"], "Come in")
    assert "https://kindred.example.org/i/secret" in sent.body
    assert not OutgoingMail.objects.exists()
    # Another message about it, or another worker, does no harm.
    send_mail(mail_id=waiting.pk)
    assert len(mailoutbox) == 1


def test_mail__keeps_its_headers_and_other_forms(db: None, mailoutbox: list[EmailMessage]) -> None:
    message = EmailMultiAlternatives(
        "Both", "text", "Kindred <k@example.org>", ["a@example.org"], headers={"X-About": "1"}
    )
    message.attach_alternative("<p>text</p>", "text/html")
    message.send()

    send_waiting_mails()

    (sent,) = mailoutbox
    assert sent.from_email == "Kindred <k@example.org>"
    assert sent.extra_headers == {"X-About": "1"}
    assert [tuple(one) for one in sent.alternatives] == [  # type: ignore[attr-defined]
        ("<p>text</p>", "text/html")
    ]


def test_mail__to_several_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="one person"):
        mail.send_mail("All", "text", None, ["a@example.org", "b@example.org"])
    with pytest.raises(ValueError, match="attachments"):
        EmailMessage("All", "", None, ["a@b.org"], attachments=[("a", "b", "text/plain")]).send()


def test_outage__puts_mails_off_further_each_time(
    db: None, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.MAIL_SERVER_BACKEND = REFUSING
    waiting = put()
    pauses = []
    for _ in range(9):
        make_due()
        assert not send_mail(mail_id=waiting.pk)
        waiting.refresh_from_db()
        pauses.append(round((waiting.next_at - timezone.now()).total_seconds(), -1))

    assert pauses == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert waiting.error == "ConnectionResetError: gone"
    assert waiting.attempts == 9
    # Not before its time.
    settings.MAIL_SERVER_BACKEND = LOCAL
    send_waiting_mails()
    assert mailoutbox == []
    make_due()
    send_waiting_mails()
    assert len(mailoutbox) == 1


def test_outage__of_a_day_gives_a_mail_up_and_shows_it_for_a_week(
    db: None, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.MAIL_SERVER_BACKEND = REFUSING
    waiting = put()
    old = timezone.now() - TRIED_FOR - timedelta(minutes=1)
    OutgoingMail.objects.update(created_at=old)
    send_waiting_mails()
    waiting.refresh_from_db()
    assert waiting.given_up_at is not None

    settings.MAIL_SERVER_BACKEND = LOCAL
    make_due()
    send_waiting_mails()

    assert mailoutbox == []
    assert OutgoingMail.objects.count() == 1
    OutgoingMail.objects.update(given_up_at=timezone.now() - KEPT - timedelta(minutes=1))
    send_waiting_mails()
    assert not OutgoingMail.objects.exists()


def test_outage__one_that_is_refused_does_not_keep_the_others_back(
    db: None, mailoutbox: list[EmailMessage]
) -> None:
    refused = put(to="nobody@example.org")
    put(to="somebody@example.org")
    OutgoingMail.objects.filter(pk=refused.pk).update(content="sealed by another secret")

    send_waiting_mails()
    assert mailoutbox == []
    send_waiting_mails()

    assert [sent.to for sent in mailoutbox] == [["somebody@example.org"]]
    refused.refresh_from_db()
    assert refused.error.startswith("SealBroken")


def test_mail__takes_the_place_of_an_earlier_one_that_waits(
    db: None, mailoutbox: list[EmailMessage]
) -> None:
    put()
    mail.send_mail("Come in", "The other link", None, ["guest@example.org"])
    put("Something else")

    send_waiting_mails()

    assert sorted((sent.subject, sent.body[:9]) for sent in mailoutbox) == [
        ("Come in", "The other"),
        ("Something else", "The link:"),
    ]


def test_mail__of_a_process_that_died_is_tried_by_another(
    db: None, mailoutbox: list[EmailMessage]
) -> None:
    waiting = put()
    # Claimed, and never heard of again.
    OutgoingMail.objects.update(next_at=timezone.now() + timedelta(minutes=5), attempts=1)
    assert send_mail(mail_id=waiting.pk)
    assert mailoutbox == []

    make_due()
    send_waiting_mails()

    assert len(mailoutbox) == 1


def test_recovery__without_a_mail_server_is_no_error_and_loses_nothing(
    client: Client, member: User, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.MAIL_SERVER_BACKEND = REFUSING

    answer = client.post("/password/", {"email": member.email})

    assert (answer.status_code, answer["Location"]) == (302, "/password/asked/")
    send_waiting_mails()
    assert OutgoingMail.objects.get().error
    settings.MAIL_SERVER_BACKEND = LOCAL
    make_due()
    send_waiting_mails()
    assert "/password/new/" in str(mailoutbox[0].body)


@pytest.mark.django_db(transaction=True)
def test_mail__is_sent_at_once_and_after_an_outage_by_a_worker(settings: LazySettings) -> None:
    settings.MAIL_SERVER_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    mail.send_mail("Come in", "During the outage", None, ["guest@example.org"])
    wait_for(lambda: OutgoingMail.objects.exclude(error="").exists(), what="the first try")
    make_due()

    with smtp_server(settings.EMAIL_PORT) as taken:
        mail.send_mail("Afterwards", "At once", None, ["guest@example.org"])
        wait_for(lambda: len(taken) == 1, what="the mail")
        assert "At once" in taken[0]
        send_waiting_mails()
        assert "During the outage" in taken[1]
        wait_for(lambda: not OutgoingMail.objects.exists(), what="the end of the rows")


@pytest.mark.django_db(transaction=True)
def test_mail__beyond_what_a_process_sends_at_once_is_left_to_workers(
    mailoutbox: list[EmailMessage],
) -> None:
    assert mails._senders.acquire(blocking=False)
    assert mails._senders.acquire(blocking=False)
    try:
        put()
        assert mailoutbox == []
    finally:
        mails._senders.release()
        mails._senders.release()

    send_waiting_mails()

    assert len(mailoutbox) == 1
