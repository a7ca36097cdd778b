"""Groups on folders: grants to teams. The SDK's role user is our viewer, its admin our admin."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team
from core.errors import FieldError, InvalidInput
from encord_api.naming import WireSerializer
from encord_api.views.base import EncordView
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant
from folders.permissions import get_folder
from folders.services.grants import grant_folder, revoke_grant


class GroupGrant(WireSerializer):
    """Which groups get which role."""

    group_hash_list = serializers.ListField(child=serializers.UUIDField())
    user_role = serializers.ChoiceField(choices=["user", "admin"])


class GroupQuery(WireSerializer):
    """Which groups are meant."""

    group_hash_list = serializers.ListField(child=serializers.UUIDField(), default=[])


class FolderGroupsView(EncordView):
    """Teams that hold a role on the folder itself."""

    def get(self, request: Request, folder_id: UUID) -> Response:
        """List them."""
        folder = get_folder(self.actor, folder_id, FolderRole.ADMIN)
        grants = _grants(folder).select_related("team").order_by("team__name")
        results = [
            {
                "groupHash": grant.team.pk,
                "name": grant.team.name,
                "description": grant.team.description,
                "createdAt": grant.team.created_at,
                "isSameOrganisation": True,
                "userRole": "admin" if grant.role == FolderRole.ADMIN else "user",
            }
            for grant in grants
            if grant.team is not None
        ]
        return Response({"results": results})

    @transaction.atomic
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Give them a role; editors, who are users to the SDK, stay editors."""
        folder = get_folder(self.actor, folder_id, FolderRole.ADMIN)
        given = self.payload(GroupGrant)
        role = FolderRole.ADMIN if given["user_role"] == "admin" else FolderRole.VIEWER
        ids = given["group_hash_list"]
        teams = Team.objects.visible_to(self.actor).in_bulk(ids)
        if len(teams) < len(set(ids)):
            message = "There is no such group."
            raise InvalidInput(errors=[FieldError("groupHashList", message, "not_a_team")])
        editors = _grants(folder).filter(role=FolderRole.EDITOR).values_list("team", flat=True)
        kept = set(editors) if role == FolderRole.VIEWER else set()
        for team in teams.values():
            if team.pk not in kept:
                grant_folder(actor=self.actor, folder=folder, role=role, team=team)
        return Response({})

    @transaction.atomic
    def delete(self, request: Request, folder_id: UUID) -> Response:
        """Take their roles away; those that hold none are passed over."""
        folder = get_folder(self.actor, folder_id, FolderRole.ADMIN)
        teams = self.query(GroupQuery)["group_hash_list"]
        for grant_id in list(_grants(folder).filter(team__in=teams).values_list("pk", flat=True)):
            revoke_grant(actor=self.actor, folder=folder, grant_id=grant_id)
        return Response({})


def _grants(folder: Folder) -> QuerySet[FolderGrant]:
    return FolderGrant.objects.filter(folder=folder, team__isnull=False)
