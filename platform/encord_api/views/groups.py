"""Groups, which are the organisation's teams."""

from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership, Team, User
from accounts.services.teams import (
    add_team_member,
    create_team,
    delete_team,
    remove_team_member,
    update_team,
)
from core.errors import FieldError, NotFound
from encord_api.naming import WireSerializer
from encord_api.retries import id_of_call
from encord_api.views.base import EncordView

# Of one call; each is looked up by its address.
_MAX_EMAILS = 1000


class NewGroup(WireSerializer):
    """A group to be made."""

    name = serializers.CharField(trim_whitespace=False)
    description = serializers.CharField(default="", allow_blank=True, allow_null=True)


class GroupPatch(WireSerializer):
    """What changes of a group; absent parts stay."""

    name = serializers.CharField(required=False, trim_whitespace=False)
    description = serializers.CharField(required=False, allow_blank=True)


class GroupUsers(WireSerializer):
    """People by their e-mail addresses."""

    user_emails = serializers.ListField(child=serializers.CharField(), max_length=_MAX_EMAILS)


class GroupListView(EncordView):
    """Groups of the organisation."""

    def get(self, request: Request) -> Response:
        """List them by name."""
        teams = Team.objects.visible_to(self.actor).order_by("name", "pk")
        return Response({"results": [_dto(team) for team in teams]})


class GroupsView(EncordView):
    """New groups."""

    def post(self, request: Request) -> Response:
        """Make a group; asked again by a retry, the same."""
        given = self.payload(NewGroup)
        team = create_team(
            actor=self.actor,
            name=given["name"],
            description=given["description"] or "",
            team_id=id_of_call(request._request, self.actor),
        )
        return Response(_dto(team))


class GroupView(EncordView):
    """One group."""

    def get(self, request: Request, team_id: UUID) -> Response:
        """Look at it."""
        return Response(_dto(_team(self, team_id)))

    def patch(self, request: Request, team_id: UUID) -> Response:
        """Change its name or description."""
        team = _team(self, team_id)
        changed = self.payload(GroupPatch)
        return Response(_dto(update_team(actor=self.actor, team=team, **changed)))

    def delete(self, request: Request, team_id: UUID) -> Response:
        """Delete it with the grants that it holds."""
        delete_team(actor=self.actor, team=_team(self, team_id))
        return Response({})


class GroupUsersView(EncordView):
    """Who belongs to a group."""

    def get(self, request: Request, team_id: UUID) -> Response:
        """List them by address."""
        return Response(_users(_team(self, team_id)))

    @transaction.atomic
    def post(self, request: Request, team_id: UUID) -> Response:
        """Put members of the organisation into the group, all or none; list who is in it then."""
        team = _team(self, team_id)
        self.actor.require_organisation_admin()
        for user in _members(self, self.payload(GroupUsers)["user_emails"]):
            add_team_member(actor=self.actor, team=team, user=user)
        return Response(_users(team))


class GroupUsersRemovalView(EncordView):
    """Who leaves a group."""

    @transaction.atomic
    def post(self, request: Request, team_id: UUID) -> Response:
        """Take people out of the group; those who are not in it are passed over."""
        team = _team(self, team_id)
        self.actor.require_organisation_admin()
        emails = [email.strip().lower() for email in self.payload(GroupUsers)["user_emails"]]
        for user in team.members.filter(email__in=emails):
            remove_team_member(actor=self.actor, team=team, user=user)
        return Response({})


def _team(view: EncordView, team_id: UUID) -> Team:
    team = Team.objects.visible_to(view.actor).filter(pk=team_id).first()
    if team is None:
        raise NotFound("There is no such group.")
    return team


def _members(view: EncordView, emails: list[str]) -> list[User]:
    """Members of the organisation by their addresses.

    Raises:
        NotFound: naming all that are none.
    """
    wanted = {email.strip().lower(): place for place, email in reversed([*enumerate(emails)])}
    found = Membership.objects.visible_to(view.actor).filter(user__email__in=wanted)
    users = {one.user.email: one.user for one in found.select_related("user")}
    missing = [
        FieldError(f"userEmails.{place}", "There is no such member.", "not_a_member", found=email)
        for email, place in wanted.items()
        if email not in users
    ]
    if missing:
        raise NotFound("Only members of the organisation can be in a group.", errors=missing)
    return list(users.values())


def _users(team: Team) -> dict[str, Any]:
    emails = team.members.order_by("email").values_list("email", flat=True)
    return {"results": [{"userEmail": email} for email in emails]}


def _dto(team: Team) -> dict[str, Any]:
    return {
        "groupHash": team.pk,
        "name": team.name,
        "description": team.description,
        "createdAt": team.created_at,
    }
