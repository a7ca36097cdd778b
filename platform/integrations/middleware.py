"""Lets pages load originals from the stores that they lie in, and from nowhere else."""

import re
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.actor import Actor
from accounts.models import Organisation
from integrations.models import Integration
from integrations.providers import provider_of
from integrations.secret import SecretLost

# What an origin may consist of: anything else could end the directive and begin another one.
_ORIGIN: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:]+\](:\d{1,5})?"
)


class MediaOriginsMiddleware:
    """Adds the organisation's stores to the Content-Security-Policy of its pages.

    An original's address is ours and redirects to its store; browsers hold the policy against every
    address on the way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        actor: Actor | None = getattr(request, "actor", None)
        if actor is not None and _is_page(request, response):
            origins = [*settings.MEDIA_ORIGINS, *media_origins(actor.organisation)]
            if origins:
                added = {"img-src": origins, "media-src": origins}
                response._csp_update = added  # type: ignore[attr-defined]
        return response


def media_origins(organisation: Organisation) -> list[str]:
    """Where browsers get originals of the organisation's integrations from."""
    found = Integration.objects.filter(organisation=organisation, is_default=False)
    origins: set[str] = set()
    for integration in found:
        try:
            origins |= set(provider_of(integration).origins())
        except SecretLost:
            continue
    return sorted(origin for origin in origins if _ORIGIN.fullmatch(origin))


def _is_page(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether browsers take a policy from this answer; fragments enter pages that have one."""
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return is_html and "HX-Request" not in request.headers
