"""Puts the actor on each request, and notes where people are signed in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.actor import Actor
from accounts.services.actors import session_actor
from accounts.services.sessions import note_activity
from accounts.services.tokens import token_actor
from core.errors import NotSignedIn


class SessionActivityMiddleware:
    """Notes now and then when each session was seen last, and from where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Whoever brings no cookie of a session has none: nothing is asked of the database. Pages
        # that call the API were noted themselves.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith("/api/"):
            note_activity(request)
        return self.get_response(request)


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


def reader_of(request: HttpRequest) -> Actor:
    """As `actor_of`, but an API token will do, too: for pictures and files that REST points to.

    Only for views that change nothing: neither the token's scope nor forgery is looked at here.

    Raises:
        NotSignedIn: neither a valid token nor a session.
    """
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith("bearer "):
        return actor_of(request)
    actor = token_actor(header[len("bearer ") :].strip())
    if actor is None:
        raise NotSignedIn("This API token is unknown, expired or revoked.")
    request.actor = actor  # type: ignore[attr-defined]
    return actor
