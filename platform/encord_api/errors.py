"""Errors in the form that the SDK reads: a status that it has an exception for, and `message`.

The SDK shows the message of 400, 401, 403, 409 and 413, and a text of its own for 404 and 405. What
does not exist, or may not be known of, is therefore answered with 403, as the SDK's documentation
promises.
"""

import math
from typing import Any

from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.api.problems import as_domain_error
from core.errors import DomainError, NotFound, NotSignedIn

# More would not be read in the text of an exception.
_SHOWN_ERRORS = 10


class NotSupported(DomainError):
    """The SDK can ask for it, the platform does not have it."""

    status = 405
    default_code = "not_supported"
    default_message = "This platform does not support this call of the SDK."


class PayloadTooLarge(DomainError):
    """The body is longer than a request's may be."""

    status = 413
    default_code = "payload_too_large"
    default_message = "The body of the request is too large."


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's hook; None leaves the exception to Django (status 500)."""
    error = as_domain_error(exc)
    if error is None:
        return None
    set_rollback()
    body = {"message": message_of(error), "code": error.code}
    response = Response(body, status=status_of(error))
    if isinstance(error, NotSignedIn):
        response["WWW-Authenticate"] = "Bearer"
    wait = getattr(exc, "wait", None)
    if wait is not None:
        # Of a throttled call; the SDK reads whole seconds only.
        response["Retry-After"] = str(math.ceil(wait))
    return response


def status_of(error: DomainError) -> int:
    """The status that makes the SDK raise the right exception."""
    return 403 if isinstance(error, NotFound) else error.status


def message_of(error: DomainError) -> str:
    """The sentence with the places of what is wrong, for the SDK shows nothing else."""
    places = [f"{one.path}: {one.message}" for one in error.errors if one.path]
    places += [one.message for one in error.errors if not one.path]
    shown = [place for place in places if place != error.message][:_SHOWN_ERRORS]
    if not shown:
        return error.message
    more = error.extra.get("error_count", len(places)) - len(shown)
    rest = [f"and {more:,} more."] if more > 0 else []
    return " ".join([error.message, *shown, *rest])
