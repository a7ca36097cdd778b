"""Teams of an organisation; its administrators keep them."""

from uuid import UUID, uuid4

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Membership, Team, User
from accounts.services.validation import clean_name, clean_text
from core.errors import Conflict, FieldError, InvalidInput
from core.services.audit import record


@transaction.atomic
def create_team(
    *, actor: Actor, name: str, description: str = "", team_id: UUID | None = None
) -> Team:
    """Make a team without members.

    With an id, which the caller derives from what was asked, a team that has it is returned as it
    is: whoever did not hear the answer asks again without making a second one.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: the name is empty or too long.
        Conflict: there is a team of that name, in any case.
    """
    actor.require_organisation_admin()
    if team_id is not None:
        made = Team.objects.visible_to(actor).filter(pk=team_id)
        if (team := made.first()) is not None:
            return team
    name = clean_name(name)
    _require_free_name(actor, name)
    team = Team.objects.create(
        id=team_id or uuid4(),
        organisation=actor.organisation,
        name=name,
        description=clean_text(description, "description"),
    )
    record(actor=actor, action="team.created", target=team, data={"name": name})
    return team


@transaction.atomic
def update_team(
    *, actor: Actor, team: Team, name: str | None = None, description: str | None = None
) -> Team:
    """Give a team another name or description; None leaves them.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: the name is empty or too long.
        Conflict: there is a team of that name, in any case.
    """
    actor.require_organisation_admin()
    changed = ["updated_at"]
    if name is not None:
        team.name = clean_name(name)
        _require_free_name(actor, team.name, except_team=team)
        changed.append("name")
    if description is not None:
        team.description = clean_text(description, "description")
        changed.append("description")
    team.save(update_fields=changed)
    record(actor=actor, action="team.updated", target=team, data={"name": team.name})
    return team


@transaction.atomic
def delete_team(*, actor: Actor, team: Team) -> None:
    """Delete a team with the grants that it holds.

    Raises:
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    record(actor=actor, action="team.deleted", target=team, data={"name": team.name})
    team.delete()


@transaction.atomic
def add_team_member(*, actor: Actor, team: Team, user: User) -> None:
    """Put a member of the organisation into a team; twice is once.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: the person does not belong to the organisation.
    """
    actor.require_organisation_admin()
    if not Membership.objects.visible_to(actor).filter(user=user).exists():
        problem = FieldError("user", "There is no such member.", code="not_a_member")
        raise InvalidInput(errors=[problem])
    team.members.add(user)
    record(actor=actor, action="team.member_added", target=team, data={"user": str(user.pk)})


@transaction.atomic
def remove_team_member(*, actor: Actor, team: Team, user: User) -> None:
    """Take a person out of a team.

    Raises:
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    team.members.remove(user)
    record(actor=actor, action="team.member_removed", target=team, data={"user": str(user.pk)})


def _require_free_name(actor: Actor, name: str, except_team: Team | None = None) -> None:
    same = Team.objects.filter(organisation=actor.organisation, name__iexact=name)
    if except_team is not None:
        same = same.exclude(pk=except_team.pk)
    if same.exists():
        raise Conflict(f"There is a team “{name}” already.", code="name_in_use")
