"""A brake on guessing passwords and codes, and on flooding mailboxes.

An attempt is counted before it is looked at, so that many at once do not slip through, and
forgotten when it succeeds. PostgreSQL keeps the count: Redis may be away.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest
from django.utils import timezone

from accounts.choices import AttemptKind
from accounts.constants import (
    RESETS_PER_CLIENT,
    RESETS_PER_EMAIL,
    SIGN_IN_FAILURES,
    SIGN_IN_FAILURES_PER_CLIENT,
    SIGN_IN_FAILURES_PER_EMAIL,
    SIGN_IN_WINDOW,
)
from accounts.models import SignInAttempt
from core.errors import DomainError


class TooManyAttempts(DomainError):
    """The password was guessed, or a new one asked for, too often."""

    status = 429
    default_code = "too_many_attempts"
    default_message = "Too many attempts to sign in. Try again in a quarter of an hour."


def count_attempt(
    *, request: HttpRequest, email: str, kind: AttemptKind = AttemptKind.SIGN_IN
) -> SignInAttempt:
    """Note an attempt.

    Raises:
        TooManyAttempts: there were too many of late.
    """
    now = timezone.now()
    SignInAttempt.objects.filter(at__lt=now - SIGN_IN_WINDOW).delete()
    attempt = SignInAttempt.objects.create(
        kind=kind, email=email.strip().lower()[:254], client=client_address(request)
    )
    if kind == AttemptKind.RESET:
        _require_few_resets(attempt, now - SIGN_IN_WINDOW)
    else:
        _require_few_failures(attempt, now - SIGN_IN_WINDOW)
    return attempt


def forgive(attempt: SignInAttempt) -> None:
    """Forget the attempts on this account from this address: the last one succeeded."""
    SignInAttempt.objects.filter(
        kind=attempt.kind, email=attempt.email, client=attempt.client
    ).delete()


def client_address(request: HttpRequest) -> str | None:
    """The address of the caller, as the ASGI server gives it (it knows the proxies to trust)."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        validate_ipv46_address(address)
    except ValidationError:
        return None
    return str(address)


def _require_few_failures(attempt: SignInAttempt, since: datetime) -> None:
    """A stranger who guesses locks out himself first, and the account's owner only much later."""
    recent = SignInAttempt.objects.filter(kind=attempt.kind, at__gte=since)
    limits = (
        (recent.filter(email=attempt.email, client=attempt.client), SIGN_IN_FAILURES),
        (recent.filter(email=attempt.email), SIGN_IN_FAILURES_PER_EMAIL),
        (recent.filter(client=attempt.client), SIGN_IN_FAILURES_PER_CLIENT),
    )
    if any(attempts.count() > limit for attempts, limit in limits):
        raise TooManyAttempts


def _require_few_resets(attempt: SignInAttempt, since: datetime) -> None:
    recent = SignInAttempt.objects.filter(kind=attempt.kind, at__gte=since)
    limits = (
        (recent.filter(email=attempt.email), RESETS_PER_EMAIL),
        (recent.filter(client=attempt.client), RESETS_PER_CLIENT),
    )
    if any(attempts.count() > limit for attempts, limit in limits):
        raise TooManyAttempts(
            "A new password was asked for too often. Try again in a quarter of an hour."
        )
