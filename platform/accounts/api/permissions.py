"""What a call may do before any object is looked at."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.api.authentication import TokenAuthentication
from accounts.choices import TokenScope
from core.errors import NotAllowed

if TYPE_CHECKING:
    # The views' module reads the settings, which name this module.
    from rest_framework.views import APIView


class ActorPermission(BasePermission):
    """Somebody acts, and the token's scope covers the method. What he sees is the querysets'."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """False makes REST framework answer 401.

        Raises:
            NotAllowed: the token may only read.
        """
        if not isinstance(request.auth, Actor):
            return False
        reads = request.method in (*SAFE_METHODS, *getattr(view, "reading_methods", ()))
        if request.auth.scope == TokenScope.READ and not reads:
            raise NotAllowed("This API token may only read.", code="read_only_token")
        return True


class SessionToCreate(ActorPermission):
    """Keys and tokens are made by somebody who signed in: a stolen token must not outlive itself
    by making others. Looking at them and revoking them takes no session.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """As ActorPermission.

        Raises:
            NotAllowed: a token asks for more.
        """
        if not super().has_permission(request, view):
            return False
        by_token = isinstance(request.successful_authenticator, TokenAuthentication)
        if by_token and request.method == "POST":
            raise NotAllowed("Sign in to do this; an API token cannot.", code="session_required")
        return True
