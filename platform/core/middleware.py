"""Middleware of the shared kernel."""

import re
import uuid
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from core import context
from core.api.problems import CONTENT_TYPE as PROBLEM
from core.api.problems import as_domain_error, problem_response
from core.errors import DomainError, NotFound, NotSignedIn

GetResponse = Callable[[HttpRequest], HttpResponseBase]
API_PREFIX = "/api/v1/"
_ACCEPTABLE_ID = re.compile(r"^[A-Za-z0-9_.:-]{8,64}$")


class RequestIdMiddleware:
    """Names every request, so that an error that somebody reports is found in the logs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ACCEPTABLE_ID.match(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        token = context.request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            context.request_id.reset(token)
        response["X-Request-Id"] = request_id
        return response


class ApiProblemMiddleware:
    """Gives errors of the API one shape where no view of it had a say.

    Such as addresses that do not exist, hosts that are not ours, and what nobody foresaw.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path_info.startswith(API_PREFIX):
            return response
        # Django leads to the address with the slash; a POST would arrive there as a GET.
        is_lost = response.status_code == 301 and request.method not in ("GET", "HEAD")
        if is_lost or _is_plain_error(response):
            return problem_response(request, _error_of(404 if is_lost else response.status_code))
        return response


def _is_plain_error(response: HttpResponseBase) -> bool:
    is_problem = response.headers.get("Content-Type", "").startswith(PROBLEM)
    return response.status_code >= 400 and not is_problem


def _error_of(status: int) -> DomainError:
    """What a bare status says."""
    if status == 404:
        return NotFound("There is no such address. All of them end with a slash.", code="no_route")
    if status >= 500:
        error = DomainError("Something went wrong on our side.", code="internal_error")
    else:
        error = DomainError("The request is malformed.", code="malformed_request")
    error.status = status
    return error


class DomainErrorMiddleware:
    """Turns an error that the caller can mend into a page, a fragment or problem+json."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Answer in the form that the caller asked for; other exceptions pass through."""
        if isinstance(exc, Http404 | PermissionDenied):
            return None
        error = as_domain_error(exc)
        if error is None:
            return None
        # Whoever sends a token is a program: it is not shown the way to the sign-in page.
        by_token = "Authorization" in request.headers
        if by_token or "application/json" in request.headers.get("Accept", ""):
            return problem_response(request, error)
        if isinstance(error, NotSignedIn):
            return redirect(f"/sign-in/?{urlencode({'next': request.get_full_path()})}")
        template = "partials/error.html" if request.headers.get("HX-Request") else "error.html"
        return render(request, template, {"error": error}, status=error.status)
