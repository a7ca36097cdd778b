"""Signing in by e-mail address and password, with a brake on guessing.

An attempt is counted before the password is looked at, so that many at once do not slip through,
and forgotten when it succeeds. PostgreSQL keeps the count: Redis may be away.
"""

from datetime import datetime

from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest
from django.utils import timezone

from accounts.constants import (
    SIGN_IN_FAILURES,
    SIGN_IN_FAILURES_PER_CLIENT,
    SIGN_IN_FAILURES_PER_EMAIL,
    SIGN_IN_WINDOW,
)
from accounts.models import SignInAttempt, User
from core.errors import DomainError, InvalidInput


class TooManyAttempts(DomainError):
    """The password was guessed too often."""

    status = 429
    default_code = "too_many_attempts"
    default_message = "Too many attempts to sign in. Try again in a quarter of an hour."


class WrongCredentials(InvalidInput):
    """No active person has this address and password; which of them is wrong is not told."""

    default_code = "wrong_credentials"
    default_message = "This e-mail address and password do not belong together."


def sign_in_person(*, request: HttpRequest, email: str, password: str) -> User:
    """The person whose password it is; the caller opens the session.

    Raises:
        TooManyAttempts: there were too many failures of late.
        WrongCredentials: no active person has this address and password.
    """
    email = email.strip().lower()[:254]
    client = _client(request)
    now = timezone.now()
    SignInAttempt.objects.filter(at__lt=now - SIGN_IN_WINDOW).delete()
    SignInAttempt.objects.create(email=email, client=client)
    _require_few_attempts(email, client, now - SIGN_IN_WINDOW)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    SignInAttempt.objects.filter(email=email, client=client).delete()
    return user


def _require_few_attempts(email: str, client: str | None, since: datetime) -> None:
    """A stranger who guesses locks out himself first, and the account's owner only much later."""
    recent = SignInAttempt.objects.filter(at__gte=since)
    limits = (
        (recent.filter(email=email, client=client), SIGN_IN_FAILURES),
        (recent.filter(email=email), SIGN_IN_FAILURES_PER_EMAIL),
        (recent.filter(client=client), SIGN_IN_FAILURES_PER_CLIENT),
    )
    if any(attempts.count() > limit for attempts, limit in limits):
        raise TooManyAttempts


def _client(request: HttpRequest) -> str | None:
    """The address of the caller, as the ASGI server gives it (it knows the proxies to trust)."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        validate_ipv46_address(address)
    except ValidationError:
        return None
    return str(address)
