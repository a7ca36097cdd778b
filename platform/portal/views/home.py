"""The front door, and what a person chooses about the look."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import actor_of
from core.errors import InvalidInput
from portal.preferences import CHOICES, COOKIE_AGE, COOKIES


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send people to Files, and everybody else to sign in."""
    actor_of(request)
    return redirect("files")


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember theme or navigation in a cookie; works signed out, too."""
    chosen = {name: request.POST[name] for name in COOKIES if name in request.POST}
    for name, value in chosen.items():
        if value not in CHOICES[name]:
            raise InvalidInput(f"“{value}” is not a choice for {name}.")
    response = redirect(next_address(request, fallback="/"))
    for name, value in chosen.items():
        response.set_cookie(
            COOKIES[name],
            value,
            max_age=COOKIE_AGE if value else 0,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


def next_address(request: HttpRequest, *, fallback: str) -> str:
    """The form's `next`, if it lies on this host."""
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed else fallback
