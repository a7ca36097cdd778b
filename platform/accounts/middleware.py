"""Puts the actor on each request."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.actor import Actor
from accounts.services.actors import session_actor
from core.errors import NotSignedIn


class ActorMiddleware:
    """Lets a view ask `actor_of(request)` as often as it likes for one look-up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = None  # type: ignore[attr-defined]
        return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """The person of the session, acting for his organisation; API views set the token's actor.

    Raises:
        NotSignedIn: nobody is signed in, or he belongs to no organisation.
    """
    actor: Actor | None = getattr(request, "actor", None) or session_actor(request)
    if actor is None:
        raise NotSignedIn
    request.actor = actor  # type: ignore[attr-defined]
    return actor
