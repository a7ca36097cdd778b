"""What a call may do before any object is looked at."""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.choices import TokenScope
from core.errors import NotAllowed


class ActorPermission(BasePermission):
    """Somebody acts, and the token's scope covers the method. What he sees is the querysets'."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """False makes REST framework answer 401.

        Raises:
            NotAllowed: the token may only read.
        """
        if not isinstance(request.auth, Actor):
            return False
        if request.auth.scope == TokenScope.READ and request.method not in SAFE_METHODS:
            raise NotAllowed("This API token may only read.", code="read_only_token")
        return True
