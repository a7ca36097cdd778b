"""Mails: queued in the database, then taken to the mail server, again and again for a day.

The first try is made at once by a thread of the process that queued the mail: workers may be busy
for long, and somebody waits for his link. Whatever fails, or dies with its process, is tried again
by a worker. A mail may so arrive twice, when a process dies between sending it and noting that.
"""

import json
import logging
from datetime import timedelta
from functools import partial
from threading import BoundedSemaphore, Thread
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db import connections, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from core.models import OutgoingMail
from core.sealing import SealBroken, seal, unseal

logger = logging.getLogger(__name__)

# Most mails carry a link that is good for an hour or a week.
TRIED_FOR = timedelta(days=1)
# Given-up ones stay so long, for operators to see.
KEPT = timedelta(days=7)
# Longer than a try takes: until then nobody else tries.
_LEASE = timedelta(minutes=5)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=30)
_ROUND = 100
_PURPOSE = "kindred outgoing mails"
# Threads of this process that send; what comes meanwhile is left to the workers.
_senders = BoundedSemaphore(2)


@transaction.atomic
def queue_mail(*, message: EmailMessage) -> OutgoingMail:
    """Keep a mail of text to one person, and send it when the transaction commits.

    It takes the place of one of the same subject to the same person that still waits: it is the
    later link that counts.

    Raises:
        ValueError: it has several recipients or attachments, which no mail of the platform has.
    """
    recipients = message.recipients()
    if len(recipients) != 1 or message.attachments:
        raise ValueError("A mail goes to one person and has no attachments.")
    content = {
        "body": str(message.body),
        "from_email": message.from_email,
        "headers": message.extra_headers,
        "alternatives": [list(one) for one in getattr(message, "alternatives", [])],
    }
    about = {"recipient": recipients[0], "subject": str(message.subject)}
    OutgoingMail.objects.filter(**about).delete()
    mail = OutgoingMail.objects.create(
        **about,
        content=seal(json.dumps(content), _PURPOSE),
        next_at=timezone.now(),
    )
    transaction.on_commit(partial(_send_at_once, mail.pk))
    return mail


def send_mail(*, mail_id: UUID) -> bool:
    """Try to send a mail that is due; False when the mail server did not take it."""
    due = OutgoingMail.objects.filter(pk=mail_id, given_up_at=None, next_at__lte=Now())
    if not due.update(next_at=Now() + _LEASE, attempts=F("attempts") + 1):
        return True
    mail = OutgoingMail.objects.get(pk=mail_id)
    try:
        server = get_connection(settings.MAIL_SERVER_BACKEND)
        server.send_messages([_message_of(mail)])
    except (OSError, ValueError, SealBroken) as error:
        # smtplib's errors are OSErrors, too.
        _put_off(mail, error)
        return False
    mail.delete()
    return True


def send_waiting_mails() -> None:
    """Try what is due, until the mail server refuses one: the next round begins with another."""
    waiting = OutgoingMail.objects.filter(given_up_at=None, next_at__lte=Now())
    for mail_id in list(waiting.order_by("next_at").values_list("pk", flat=True)[:_ROUND]):
        if not send_mail(mail_id=mail_id):
            break
    OutgoingMail.objects.filter(given_up_at__lt=Now() - KEPT).delete()


def undelivered_to(addresses: list[str]) -> set[str]:
    """Those addresses to which a mail was tried and did not get through."""
    failed = OutgoingMail.objects.filter(recipient__in=addresses).exclude(error="")
    return set(failed.values_list("recipient", flat=True))


def _put_off(mail: OutgoingMail, error: Exception) -> None:
    """Note why, and when it is tried again, if ever."""
    columns: dict[str, Any] = {"error": f"{type(error).__name__}: {error}"[:2000]}
    if timezone.now() - mail.created_at > TRIED_FOR:
        columns["given_up_at"] = Now()
        logger.error("The mail %s is given up: %s", mail.pk, error)
    else:
        pause = min(_FIRST_PAUSE * 2 ** min(mail.attempts - 1, 10), _LONGEST_PAUSE)
        columns["next_at"] = Now() + pause
        logger.warning("The mail %s could not be sent, it is tried again: %s", mail.pk, error)
    OutgoingMail.objects.filter(pk=mail.pk).update(**columns)


def _message_of(mail: OutgoingMail) -> EmailMessage:
    content = json.loads(unseal(mail.content, _PURPOSE))
    alternatives = content.pop("alternatives")
    message = EmailMultiAlternatives(subject=mail.subject, to=[mail.recipient], **content)
    for text, kind in alternatives:
        message.attach_alternative(text, kind)
    return message


def _send_at_once(mail_id: UUID) -> None:
    """Send in the background, unless many are being sent."""
    if _senders.acquire(blocking=False):
        Thread(target=_send_and_end, args=[mail_id], name="mail", daemon=True).start()


def _send_and_end(mail_id: UUID) -> None:
    try:
        send_mail(mail_id=mail_id)
    except Exception:
        # The row is there: a worker tries it.
        logger.exception("The mail %s could not be sent.", mail_id)
    finally:
        connections.close_all()
        _senders.release()
