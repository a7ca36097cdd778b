"""The mail that carries an invitation's link."""

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Invitation

logger = logging.getLogger(__name__)


def mail_invitation(*, invitation: Invitation, link: str) -> bool:
    """Send the link to the invited address; False when the mail server did not take it."""
    context = {"invitation": invitation, "link": link}
    subject = render_to_string("accounts/mail/invitation_subject.txt", context)
    text = render_to_string("accounts/mail/invitation.txt", context)
    try:
        send_mail(" ".join(subject.split()), text, None, [invitation.email])
    except OSError as error:
        # smtplib's errors are OSErrors, too. The invitation stays and can be sent again.
        logger.warning("The invitation %s could not be mailed: %s", invitation.pk, error)
        return False
    return True
