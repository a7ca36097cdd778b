"""What all views of the SDK's addresses share."""

import logging
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.api.authentication import TokenAuthentication
from accounts.api.permissions import ActorPermission
from accounts.middleware import actor_of
from accounts.models import SSHKey
from core.api.throttling import TokenThrottle
from encord_api.authentication import SignatureAuthentication
from encord_api.bodies import Body, body_of, close_body
from encord_api.errors import NotSupported, exception_handler

logger = logging.getLogger("encord_api")


class EncordPermission(ActorPermission):
    """As REST's, but for lists of ids that are asked for by POST: tokens that may only read may."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """False makes REST framework answer 401.

        Raises:
            NotAllowed: the token may only read.
        """
        if request.method == "POST" and getattr(view, "reads_by_post", False):
            return isinstance(request.auth, Actor)
        return super().has_permission(request, view)


class CallerThrottle(TokenThrottle):
    """Counts the calls of a token, or of the SSH key that signed."""

    def caller(self, request: Request) -> str:
        """The token or key."""
        key: SSHKey | None = getattr(request._request, "ssh_key", None)
        return key.key_id if key is not None else super().caller(request)


class EncordView(APIView):
    """A view that the SDK calls: signed or with a bearer token, without sessions and cookies.

    The body is `self.body`, for the signature has read it; REST framework's `request.data` is not
    to be used.
    """

    authentication_classes = [SignatureAuthentication, TokenAuthentication]
    permission_classes = [EncordPermission]
    throttle_classes = [CallerThrottle]
    renderer_classes = [JSONRenderer]
    schema = None
    # Whether POST only asks for something here.
    reads_by_post = False

    @property
    def actor(self) -> Actor:
        """Who calls."""
        return actor_of(self.request)

    @property
    def body(self) -> Body:
        """The body of the request."""
        return body_of(self.request._request)

    def query(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The parameters of the address, checked."""
        given = self.request.query_params
        fields = serializer().fields
        values = {
            name: given.getlist(name) if isinstance(field, serializers.ListField) else given[name]
            for name, field in fields.items()
            if name in given
        }
        return checked(serializer, values)

    def payload(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The body, which is one JSON object, checked."""
        return checked(serializer, self.body.json())

    def get_exception_handler(self) -> Any:
        """Errors in the SDK's form."""
        return exception_handler

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and let go of the body."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            close_body(request)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Note the trace id, which the SDK shows in its exceptions."""
        trace = request.headers.get("X-Cloud-Trace-Context", "").partition("/")[0]
        logger.info(
            "%s %s %s trace=%.64r request=%s",
            request.method,
            request.path,
            response.status_code,
            trace,
            getattr(request, "request_id", ""),
        )
        return super().finalize_response(request, response, *args, **kwargs)


class NotSupportedView(EncordView):
    """What the SDK can ask for and the platform does not have."""

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Say so."""
        raise NotSupported

    post = put = patch = delete = get


def checked(serializer: type[serializers.Serializer[Any]], values: Any) -> dict[str, Any]:
    """The values as the serializer understands them."""
    given = serializer(data=values)
    given.is_valid(raise_exception=True)
    checked: dict[str, Any] = given.validated_data
    return checked
