"""The mail by which somebody whom an administrator has let in sets his first password."""

import logging

from django.http import HttpRequest

from accounts.forms import AskPasswordForm

logger = logging.getLogger(__name__)


def mail_first_password(*, request: HttpRequest, email: str) -> bool:
    """Send the link to a new password, as if he had asked for it; False when that failed."""
    form = AskPasswordForm({"email": email})
    if not form.is_valid():
        return False
    try:
        form.save(request)
    except OSError as error:
        # smtplib's errors are OSErrors, too. He can ask for the link on the sign-in page.
        logger.warning("The link to a first password could not be mailed: %s", error)
        return False
    return True
