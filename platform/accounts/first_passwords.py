"""The mail by which somebody whom an administrator has let in sets his first password."""

from django.http import HttpRequest

from accounts.forms import AskPasswordForm


def mail_first_password(*, request: HttpRequest, email: str) -> None:
    """Send the link to a new password, as if he had asked for it."""
    form = AskPasswordForm({"email": email})
    if form.is_valid():
        form.save(request)
