"""Who calls the API: a bearer token, or the session of a page."""

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.middleware import actor_of
from accounts.models import User
from accounts.services.tokens import token_actor
from core.errors import NotSignedIn

_SCHEME = "bearer "


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`.

    A token that is not valid is refused, even where a session would do: whoever sends one means it.
    """

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """The token's person and actor; None when the call carries no bearer token."""
        header = request.headers.get("Authorization", "")
        if not header.lower().startswith(_SCHEME):
            return None
        actor = token_actor(header[len(_SCHEME) :].strip())
        if actor is None:
            raise AuthenticationFailed("This API token is unknown, expired or revoked.")
        set_actor(request, actor)
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        """What an answer 401 asks for."""
        return "Bearer"


class SessionAuthentication(DRFSessionAuthentication):
    """The session of a page, with Django's protection against forged requests."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Actor] | None:
        """The session's person and actor; None when nobody is signed in."""
        signed_in = super().authenticate(request)
        if signed_in is None:
            return None
        try:
            actor = actor_of(request._request)
        except NotSignedIn:
            return None
        set_actor(request, actor)
        return actor.user, actor


def set_actor(request: Request, actor: Actor) -> None:
    """Let `actor_of` find the actor, on REST framework's request and on Django's below it."""
    request._request.actor = actor  # type: ignore[attr-defined]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the tokens in the OpenAPI schema."""

    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """An HTTP bearer scheme."""
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the session cookie in the OpenAPI schema."""

    target_class = "accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "kindred_session"}
