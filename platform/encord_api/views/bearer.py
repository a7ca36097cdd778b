"""A bearer token for programs that cannot sign."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import SSHKey
from accounts.services.key_tokens import issue_key_token
from encord_api.views.base import EncordView


class BearerTokenView(EncordView):
    """A token of the caller."""

    def get(self, request: Request) -> Response:
        """A token for an hour; whoever came by token gets no other than that."""
        key: SSHKey | None = getattr(request._request, "ssh_key", None)
        if key is not None:
            return Response({"token": issue_key_token(key)})
        return Response({"token": request.headers["Authorization"].split(" ", 1)[1].strip()})
