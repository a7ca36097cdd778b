"""Teams of the organisation.

teams               GET  /teams/                            organisation/teams.html
team                GET  /teams/<uuid>/                     organisation/team.html
team-create, team-update, team-delete, team-member-add, team-member-remove: POST
"""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.forms import TeamForm, TeamMemberForm
from accounts.middleware import actor_of
from accounts.models import Membership, Team, User
from accounts.paging import page_of
from accounts.services import teams as services
from core.errors import DomainError, FieldError, InvalidInput, NotFound

# Names that the field for another member proposes; others can be typed.
SUGGESTIONS = 200


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """List the teams."""
    return _teams_page(request, actor_of(request))


@require_POST
def team_create(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    actor = actor_of(request)
    actor.require_organisation_admin()
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _teams_page(request, actor, form)
    try:
        team = services.create_team(actor=actor, **form.cleaned_data)
    except DomainError as error:
        form.take_error(error)
        return _teams_page(request, actor, form)
    return redirect("team", team.pk)


@require_safe
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """One team with its members."""
    actor = actor_of(request)
    return _team_page(request, actor, _get_team(actor, team_id))


@require_POST
def team_update(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Give a team another name or description."""
    actor = actor_of(request)
    found = _get_team(actor, team_id)
    actor.require_organisation_admin()
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _team_page(request, actor, found, form=form)
    try:
        services.update_team(actor=actor, team=found, **form.cleaned_data)
    except DomainError as error:
        form.take_error(error)
        return _team_page(request, actor, _get_team(actor, team_id), form=form)
    messages.success(request, "The team is saved.")
    return redirect("team", team_id)


@require_POST
def team_delete(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Delete a team with what is shared with it."""
    actor = actor_of(request)
    found = _get_team(actor, team_id)
    services.delete_team(actor=actor, team=found)
    messages.success(request, f"The team “{found.name}” is deleted.")
    return redirect("teams")


@require_POST
def team_member_add(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Put a member of the organisation into a team."""
    actor = actor_of(request)
    found = _get_team(actor, team_id)
    actor.require_organisation_admin()
    form = TeamMemberForm(request.POST)
    if not form.is_valid():
        return _team_page(request, actor, found, member_form=form)
    try:
        services.add_team_member(
            actor=actor, team=found, user=_member(actor, form.cleaned_data["email"])
        )
    except DomainError as error:
        form.take_error(error)
        return _team_page(request, actor, found, member_form=form)
    return redirect("team", team_id)


@require_POST
def team_member_remove(request: HttpRequest, team_id: UUID, user_id: UUID) -> HttpResponse:
    """Take somebody out of a team."""
    actor = actor_of(request)
    found = _get_team(actor, team_id)
    user = found.members.filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such member of the team.")
    services.remove_team_member(actor=actor, team=found, user=user)
    return redirect("team", team_id)


def _get_team(actor: Actor, team_id: UUID) -> Team:
    found = Team.objects.visible_to(actor).filter(pk=team_id).first()
    if found is None:
        raise NotFound("There is no such team.")
    return found


def _member(actor: Actor, email: str) -> User:
    members = Membership.objects.visible_to(actor).select_related("user")
    membership = members.filter(user__email=email.lower()).first()
    if membership is None:
        message = "Nobody of this address belongs to the organisation."
        raise InvalidInput(errors=[FieldError("email", message, code="not_a_member")])
    return membership.user


def _teams_page(request: HttpRequest, actor: Actor, form: TeamForm | None = None) -> HttpResponse:
    rows = Team.objects.visible_to(actor).annotate(size=Count("members")).order_by("name", "pk")
    context = {
        "page": page_of(rows, request.GET.get("page")),
        "actor": actor,
        "form": form or TeamForm(),
    }
    return render(request, "organisation/teams.html", context, status=422 if form else 200)


def _team_page(
    request: HttpRequest,
    actor: Actor,
    found: Team,
    *,
    form: TeamForm | None = None,
    member_form: TeamMemberForm | None = None,
) -> HttpResponse:
    rows = found.members.order_by("name", "email", "pk")
    others = Membership.objects.visible_to(actor).exclude(user__in=found.members.all())
    known = {"name": found.name, "description": found.description}
    context = {
        "team": found,
        "actor": actor,
        "page": page_of(rows, request.GET.get("page")),
        "suggestions": others.select_related("user").order_by("user__name")[:SUGGESTIONS],
        "form": form or TeamForm(initial=known),
        "member_form": member_form or TeamMemberForm(),
    }
    status = 422 if form or member_form else 200
    return render(request, "organisation/team.html", context, status=status)
