"""The caller's API tokens."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import SessionToCreate
from accounts.choices import TokenScope
from accounts.middleware import actor_of
from accounts.models import ApiToken
from accounts.services.tokens import create_token, revoke_token
from core.api.views import APIView, ListAPIView
from core.errors import NotFound


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its secret."""

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "key_id",
            "scope",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        ]
        read_only_fields = fields


class NewTokenSerializer(serializers.Serializer[Any]):
    """A token to make."""

    name = serializers.CharField(max_length=150)
    scope = serializers.ChoiceField(choices=TokenScope.choices, default=TokenScope.READ)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class MadeTokenSerializer(TokenSerializer):
    """A token that was just made."""

    token = serializers.CharField(read_only=True, help_text="The token itself, shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
        read_only_fields = fields


class TokenListView(ListAPIView[ApiToken]):
    """Tokens of the caller."""

    permission_classes = [SessionToCreate]
    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[ApiToken]:
        """The caller's own, in this organisation."""
        return ApiToken.objects.visible_to(actor_of(self.request))

    @extend_schema(operation_id="tokens_list", tags=["Me"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List your API tokens for this organisation, revoked ones included."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="tokens_create",
        tags=["Me"],
        request=NewTokenSerializer,
        responses={201: MadeTokenSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make an API token; takes a session, not a token."""
        given = NewTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        token, plain = create_token(
            actor=actor_of(request),
            name=wanted["name"],
            scope=TokenScope(wanted["scope"]),
            expires_at=wanted["expires_at"],
        )
        body = {**TokenSerializer(token).data, "token": plain}
        return Response(body, status=status.HTTP_201_CREATED)


class TokenView(APIView):
    """One token."""

    @extend_schema(operation_id="tokens_get", tags=["Me"], responses=TokenSerializer)
    def get(self, request: Request, token_id: UUID) -> Response:
        """Look at one of your API tokens."""
        return Response(TokenSerializer(_own_token(request, token_id)).data)

    @extend_schema(operation_id="tokens_revoke", tags=["Me"], responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke one of your API tokens."""
        revoke_token(actor=actor_of(request), token=_own_token(request, token_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own_token(request: Request, token_id: UUID) -> ApiToken:
    token = ApiToken.objects.visible_to(actor_of(request)).filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such API token.")
    return token
