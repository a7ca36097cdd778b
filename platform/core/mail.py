"""The way that mails go: into a table first, so that a mail server neither holds a page up nor has
the mail lost when it is away.
"""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core.services.mails import queue_mail


class OutboxBackend(BaseEmailBackend):
    """Keeps what Django and its apps send; core.services.mails takes it to the mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the mails, in the caller's transaction if there is one."""
        for message in email_messages:
            queue_mail(message=message)
        return len(email_messages)
