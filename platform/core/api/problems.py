"""One shape for every error of the API: problem details (RFC 9457)."""

import logging
import math
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from core.errors import (
    BodyTooLarge,
    DomainError,
    FieldError,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    RateLimited,
)

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


def problem(error: DomainError, request_id: str = "") -> dict[str, Any]:
    """The body of the answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": type(error).default_message,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
        "request_id": request_id,
        **error.extra,
    }
    if error.errors:
        body["errors"] = [field_error.as_dict() for field_error in error.errors]
    return body


def problem_response(request: HttpRequest, error: DomainError) -> JsonResponse:
    """The answer."""
    request_id = getattr(request, "request_id", "")
    body = problem(error, request_id)
    response = JsonResponse(body, status=error.status, content_type=CONTENT_TYPE)
    if isinstance(error, NotSignedIn):
        response["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def exception_handler(exc: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """REST framework's hook; None leaves the exception to Django (status 500).

    The answer is JSON whatever the request accepts: a caller who wants an array has to be told why
    he gets none.
    """
    error = as_domain_error(exc)
    if error is None:
        return None
    set_rollback()
    return problem_response(context["request"], error)


def as_domain_error(exc: Exception) -> DomainError | None:
    """The framework's own exceptions in our words."""
    match exc:
        case DomainError():
            return exc
        case DataError() | UnicodeEncodeError() | ValidationError():
            # The net below the checks of each value: NUL, half a surrogate pair, a moment or a
            # number out of range. Logged, because a check should have named the place.
            logger.warning("A value was refused late: %s", exc, exc_info=exc)
            message = "A value cannot be used: it is out of range or holds invalid characters."
            return InvalidInput(message, code="unusable_value")
        case exceptions.ValidationError():
            return InvalidInput(errors=list(_field_errors(exc.get_full_details())))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NotSignedIn(str(exc.detail))
        case exceptions.PermissionDenied() | PermissionDenied():
            return NotAllowed(str(getattr(exc, "detail", "") or ""))
        case Http404() | exceptions.NotFound():
            return NotFound()
        case RequestDataTooBig():
            return BodyTooLarge()
        case SuspiciousOperation():
            return InvalidInput("The request is malformed.", code="malformed_request")
        case exceptions.APIException():
            return _of_framework(exc)
    return None


def _of_framework(exc: exceptions.APIException) -> DomainError:
    """Refusals that are about the request as a whole."""
    if isinstance(exc, exceptions.Throttled):
        limited = RateLimited()
        limited.retry_after = math.ceil(getattr(exc, "wait", None) or 1)
        return limited
    error = DomainError(str(exc.detail), code=str(exc.default_code))
    error.status = exc.status_code
    return error


def _field_errors(details: Any, path: str = "") -> list[FieldError]:
    """Flattens REST framework's nested details into paths like `items.3.name`."""
    if isinstance(details, dict) and "message" in details and "code" in details:
        return [FieldError(path=path, message=str(details["message"]), code=str(details["code"]))]
    if isinstance(details, dict):
        parts = [(str(name), inner) for name, inner in details.items()]
    else:
        parts = [("" if _is_leaf(inner) else str(i), inner) for i, inner in enumerate(details)]
    found: list[FieldError] = []
    for name, inner in parts:
        found += _field_errors(inner, ".".join(part for part in (path, name) if part))
    return found


def _is_leaf(details: Any) -> bool:
    return isinstance(details, dict) and "message" in details and "code" in details
