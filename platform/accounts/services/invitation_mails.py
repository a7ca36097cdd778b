"""The mail that carries an invitation's link."""

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Invitation


def mail_invitation(*, invitation: Invitation, link: str) -> None:
    """Send the link to the invited address; it goes out as core.services.mails says."""
    context = {"invitation": invitation, "link": link}
    subject = render_to_string("accounts/mail/invitation_subject.txt", context)
    text = render_to_string("accounts/mail/invitation.txt", context)
    send_mail(" ".join(subject.split()), text, None, [invitation.email])
