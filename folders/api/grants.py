"""Grants of a folder over REST, for those who administer it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from accounts.models import Team, User
from core.api.views import APIView, ListAPIView
from core.errors import FieldError, InvalidInput
from folders.api.paging import KeysetPagination
from folders.choices import FolderRole
from folders.models import FolderGrant
from folders.permissions import get_folder
from folders.services.grants import grant_folder, revoke_grant


class GrantSerializer(serializers.ModelSerializer[FolderGrant]):
    """A role of a person or a team on the folder and all below it."""

    class Meta:
        model = FolderGrant
        fields = ["id", "user", "team", "role", "created_at"]
        read_only_fields = fields


class GrantInputSerializer(serializers.Serializer[Any]):
    """Whom to give which role: either a person or a team."""

    user = serializers.UUIDField(required=False)
    team = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=FolderRole.choices)


class GrantListView(ListAPIView[FolderGrant]):
    """Grants of one folder; those of folders above hold as well and are listed there."""

    serializer_class = GrantSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("pk", "-pk")

    def get_queryset(self) -> QuerySet[FolderGrant]:
        """Those on the folder itself."""
        folder = get_folder(actor_of(self.request), self.kwargs["folder_id"], FolderRole.ADMIN)
        return FolderGrant.objects.filter(folder=folder)

    @extend_schema(operation_id="folders_grants_list", tags=["Folders"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the grants of a folder."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="folders_grants_create",
        tags=["Folders"],
        request=GrantInputSerializer,
        responses={201: GrantSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Give a role; it replaces an earlier one of the same person or team."""
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.ADMIN)
        given = GrantInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        grant = grant_folder(
            actor=actor,
            folder=folder,
            role=FolderRole(given.validated_data["role"]),
            user=_user(given.validated_data.get("user")),
            team=_team(given.validated_data.get("team")),
        )
        return Response(GrantSerializer(grant).data, status=status.HTTP_201_CREATED)


class GrantView(APIView):
    """One grant."""

    @extend_schema(operation_id="folders_grants_delete", tags=["Folders"], responses={204: None})
    def delete(self, request: Request, folder_id: UUID, grant_id: int) -> Response:
        """End a grant."""
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.ADMIN)
        revoke_grant(actor=actor, folder=folder, grant_id=grant_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _user(user_id: UUID | None) -> User | None:
    """The service refuses people of other organisations in the same words as unknown ones."""
    user = User.objects.filter(pk=user_id).first() if user_id else None
    if user_id and user is None:
        message = "The person does not belong to the organisation."
        raise InvalidInput(message, code="not_a_member", errors=[FieldError("user", message)])
    return user


def _team(team_id: UUID | None) -> Team | None:
    team = Team.objects.filter(pk=team_id).first() if team_id else None
    if team_id and team is None:
        message = "There is no such team."
        raise InvalidInput(message, code="not_a_team", errors=[FieldError("team", message)])
    return team
