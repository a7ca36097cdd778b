"""Teams of the caller's organisation."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.people import NameSerializer, PersonSerializer
from accounts.middleware import actor_of
from accounts.models import Team, User
from accounts.services import teams as services
from core.api.views import APIView, ListAPIView
from core.errors import FieldError, InvalidInput, NotFound


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team with its members."""

    members = PersonSerializer(many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "description", "members", "created_at"]
        read_only_fields = fields


class NewTeamSerializer(NameSerializer):
    """A new team."""

    description = serializers.CharField(required=False, allow_blank=True, default="")


class ChangedTeamSerializer(serializers.Serializer[Any]):
    """A team's new name or description; what is left out stays."""

    name = serializers.CharField(required=False, max_length=150)
    description = serializers.CharField(required=False, allow_blank=True)


class TeamMemberSerializer(serializers.Serializer[Any]):
    """Whom to put into the team."""

    user = serializers.UUIDField(help_text="Id of a member of the organisation.")


class TeamListView(ListAPIView[Team]):
    """Teams of the organisation."""

    serializer_class = TeamSerializer

    def get_queryset(self) -> QuerySet[Team]:
        """Teams of the caller's organisation."""
        return Team.objects.visible_to(actor_of(self.request)).prefetch_related("members")

    @extend_schema(operation_id="teams_list", tags=["Organisation"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the teams of your organisation."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="teams_create",
        tags=["Organisation"],
        request=NewTeamSerializer,
        responses={201: TeamSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a team (administrators only)."""
        actor = actor_of(request)
        actor.require_organisation_admin()
        given = NewTeamSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        team = services.create_team(actor=actor, **given.validated_data)
        return Response(TeamSerializer(team).data, status=status.HTTP_201_CREATED)


class TeamView(APIView):
    """One team."""

    @extend_schema(operation_id="teams_get", tags=["Organisation"], responses=TeamSerializer)
    def get(self, request: Request, team_id: UUID) -> Response:
        """Look at a team."""
        return Response(TeamSerializer(_visible_team(request, team_id)).data)

    @extend_schema(
        operation_id="teams_update",
        tags=["Organisation"],
        request=ChangedTeamSerializer,
        responses=TeamSerializer,
    )
    def patch(self, request: Request, team_id: UUID) -> Response:
        """Change a team's name or description (administrators only)."""
        actor = actor_of(request)
        team = _visible_team(request, team_id)
        actor.require_organisation_admin()
        given = ChangedTeamSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        team = services.update_team(actor=actor, team=team, **given.validated_data)
        return Response(TeamSerializer(team).data)

    @extend_schema(operation_id="teams_delete", tags=["Organisation"], responses={204: None})
    def delete(self, request: Request, team_id: UUID) -> Response:
        """Delete a team with its grants (administrators only)."""
        services.delete_team(actor=actor_of(request), team=_visible_team(request, team_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TeamMemberListView(APIView):
    """Members of one team."""

    @extend_schema(
        operation_id="teams_members_add",
        tags=["Organisation"],
        request=TeamMemberSerializer,
        responses=TeamSerializer,
    )
    def post(self, request: Request, team_id: UUID) -> Response:
        """Put a member of the organisation into a team (administrators only)."""
        actor = actor_of(request)
        team = _visible_team(request, team_id)
        actor.require_organisation_admin()
        given = TeamMemberSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = User.objects.filter(pk=given.validated_data["user"]).first()
        if user is None:
            problem = FieldError("user", "There is no such member.", code="not_a_member")
            raise InvalidInput(errors=[problem])
        services.add_team_member(actor=actor, team=team, user=user)
        return Response(TeamSerializer(team).data)


class TeamMemberView(APIView):
    """One member of one team."""

    @extend_schema(
        operation_id="teams_members_remove", tags=["Organisation"], responses={204: None}
    )
    def delete(self, request: Request, team_id: UUID, user_id: UUID) -> Response:
        """Take somebody out of a team (administrators only)."""
        team = _visible_team(request, team_id)
        user = team.members.filter(pk=user_id).first()
        if user is None:
            raise NotFound("There is no such member of the team.")
        services.remove_team_member(actor=actor_of(request), team=team, user=user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _visible_team(request: Request, team_id: UUID) -> Team:
    team = Team.objects.visible_to(actor_of(request)).filter(pk=team_id).first()
    if team is None:
        raise NotFound("There is no such team.")
    return team
