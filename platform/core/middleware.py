"""Middleware of the shared kernel."""

import re
import uuid
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from core.api.problems import as_domain_error, problem_response
from core.errors import NotSignedIn

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_ACCEPTABLE_ID = re.compile(r"^[A-Za-z0-9_.:-]{8,64}$")


class RequestIdMiddleware:
    """Names every request, so that an error that somebody reports is found in the logs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ACCEPTABLE_ID.match(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


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
