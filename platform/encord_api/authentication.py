"""Who calls: the signature of a registered SSH key, or a bearer token."""

import time

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.api.authentication import set_actor
from accounts.models import SSHKey, User
from accounts.services.actors import key_actor
from accounts.services.ssh_keys import find_ssh_key
from encord_api.bodies import body_of
from encord_api.signatures import BadSignature, UnknownKey, read_signature, verify


class SignatureAuthentication(BaseAuthentication):
    """The SDK's signature, version 2."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """The key's person and actor; None when the call carries no signature.

        Raises:
            AuthenticationFailed: the signature does not hold, or its key is not known.
        """
        if "Signature-Input" not in request.headers:
            return None
        try:
            key = signed_key(request._request)
        except BadSignature as error:
            raise AuthenticationFailed(str(error)) from error
        actor = key_actor(key)
        if actor is None:
            raise AuthenticationFailed(
                "The owner of this SSH key no longer belongs to its organisation."
            )
        set_actor(request, actor)
        request._request.ssh_key = key  # type: ignore[attr-defined]
        return actor.user, actor


def signed_key(request: HttpRequest) -> SSHKey:
    """The registered key that the request is signed with.

    Raises:
        BadSignature: the signature does not hold, or its key is not known.
    """
    headers = request.headers
    signature = read_signature(
        headers.get("Signature-Input", ""),
        headers.get("Signature", ""),
        headers.get("Content-Digest", ""),
    )
    verify(
        signature,
        method=str(request.method),
        target=request_target(request),
        digest=body_of(request).digest,
        now=time.time(),
    )
    return registered_key(signature.key_id)


def registered_key(key_id: str) -> SSHKey:
    """The key by its id, whose signature held.

    Raises:
        UnknownKey: nobody has registered it, or it was revoked.
    """
    key = find_ssh_key(key_id=key_id)
    if key is None:
        raise UnknownKey("This SSH key is not registered, or it was revoked.")
    return key


def request_target(request: HttpRequest) -> str:
    """Path and query as they stood on the request line; Django's own words escape them anew."""
    scope = getattr(request, "scope", None)
    if scope is not None and scope.get("raw_path"):
        path = scope["raw_path"].decode("latin-1")
        query = scope.get("query_string", b"").decode("latin-1")
        return f"{path}?{query}" if query else path
    target: str = request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or ""
    return target or request.get_full_path()
