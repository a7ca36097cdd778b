"""The caller's SSH keys, which sign calls of the SDK."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import SessionToCreate
from accounts.middleware import actor_of
from accounts.models import SSHKey
from accounts.services.ssh_keys import add_ssh_key, revoke_ssh_key
from core.api.views import APIView, ListAPIView
from core.errors import NotFound


class SSHKeySerializer(serializers.ModelSerializer[SSHKey]):
    """A key."""

    fingerprint = serializers.CharField(read_only=True, help_text="As `ssh-keygen -l` prints it.")

    class Meta:
        model = SSHKey
        fields = [
            "id",
            "name",
            "organisation",
            "public_key",
            "key_id",
            "fingerprint",
            "created_at",
            "revoked_at",
            "last_used_at",
        ]
        read_only_fields = fields


class NewSSHKeySerializer(serializers.Serializer[Any]):
    """A key to add."""

    name = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)
    public_key = serializers.CharField(
        max_length=10_000, help_text="The line of the .pub file: ssh-ed25519 AAAA…"
    )


class SSHKeyListView(ListAPIView[SSHKey]):
    """Keys of the caller."""

    permission_classes = [SessionToCreate]
    serializer_class = SSHKeySerializer

    def get_queryset(self) -> QuerySet[SSHKey]:
        """The caller's own."""
        return SSHKey.objects.visible_to(actor_of(self.request))

    @extend_schema(operation_id="ssh_keys_list", tags=["Me"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List your SSH keys, revoked ones included."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="ssh_keys_add",
        tags=["Me"],
        request=NewSSHKeySerializer,
        responses={201: SSHKeySerializer},
    )
    def post(self, request: Request) -> Response:
        """Add an Ed25519 public key; takes a session, not a token."""
        given = NewSSHKeySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        key = add_ssh_key(actor=actor_of(request), **given.validated_data)
        return Response(SSHKeySerializer(key).data, status=status.HTTP_201_CREATED)


class SSHKeyView(APIView):
    """One key."""

    @extend_schema(operation_id="ssh_keys_get", tags=["Me"], responses=SSHKeySerializer)
    def get(self, request: Request, key_id: UUID) -> Response:
        """Look at one of your SSH keys."""
        return Response(SSHKeySerializer(_own_key(request, key_id)).data)

    @extend_schema(operation_id="ssh_keys_revoke", tags=["Me"], responses={204: None})
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revoke one of your SSH keys."""
        revoke_ssh_key(actor=actor_of(request), key=_own_key(request, key_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own_key(request: Request, key_id: UUID) -> SSHKey:
    key = SSHKey.objects.visible_to(actor_of(request)).filter(pk=key_id).first()
    if key is None:
        raise NotFound("There is no such SSH key.")
    return key
