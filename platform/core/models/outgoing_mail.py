"""Mails on their way out."""

from django.db import models

from core.models.base import UUIDModel


class OutgoingMail(UUIDModel):
    """A mail that no mail server has taken yet; the row goes when one does.

    Moved by compare-and-set in core.services.mails: whoever puts `next_at` off may try to send it.
    """

    created_at = models.DateTimeField(auto_now_add=True)
    # Of one address, as the mails of the platform are.
    recipient = models.CharField(max_length=320)
    subject = models.TextField()
    # Sealed: mails carry links that let in whoever has them.
    content = models.TextField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    # What the mail server, or the way to it, said the last time.
    error = models.TextField(blank=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(given_up_at=None),
                name="outgoing_mail_waiting",
            ),
            models.Index(fields=["recipient"], name="outgoing_mail_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"“{self.subject}” to {self.recipient}"
