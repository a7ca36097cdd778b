"""Signing in by e-mail address and password."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from accounts.models import User
from core.errors import InvalidInput


class WrongCredentials(InvalidInput):
    """No active person has this address and password; which of them is wrong is not told."""

    default_code = "wrong_credentials"
    default_message = "This e-mail address and password do not belong together."


def check_credentials(*, request: HttpRequest, email: str, password: str) -> User:
    """The person whose password it is; the caller opens the session.

    Raises:
        TooManyAttempts: there were too many failures of late.
        WrongCredentials: no active person has this address and password.
    """
    user = get_adapter().authenticate(request, email=email.strip().lower(), password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    return user
