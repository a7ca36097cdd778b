"""Who may do what in a folder."""

from django.db import transaction

from accounts.actor import Actor
from accounts.hooks import Belongings
from accounts.models import Membership, Organisation, Team, User
from core.errors import FieldError, InvalidInput, NotFound
from core.services import audit
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant
from folders.permissions import require_role


@transaction.atomic
def grant_folder(
    *,
    actor: Actor,
    folder: Folder,
    role: FolderRole,
    user: User | None = None,
    team: Team | None = None,
) -> FolderGrant:
    """Give a person or a team a role on the folder and all below it; replaces an earlier role.

    Raises:
        InvalidInput: not exactly one of person and team, or of another organisation.
        NotAllowed: the actor does not administer the folder.
    """
    require_role(actor, folder, FolderRole.ADMIN)
    if (user is None) == (team is None):
        raise InvalidInput("Name either a person or a team.")
    if user and not _hold_membership(actor, user):
        # In the words of folders.api.grants for a person that does not exist.
        message = "The person does not belong to the organisation."
        raise InvalidInput(message, code="not_a_member", errors=[FieldError("user", message)])
    if team and team.organisation_id != actor.organisation_id:
        message = "There is no such team."
        raise InvalidInput(message, code="not_a_team", errors=[FieldError("team", message)])
    grant, _ = FolderGrant.objects.update_or_create(
        folder=folder, user=user, team=team, defaults={"role": role}
    )
    audit.record(
        actor=actor,
        action="folder.granted",
        target=folder,
        data={"role": role, "to": str(grant.user_id or grant.team_id)},
    )
    return grant


def _hold_membership(actor: Actor, user: User) -> bool:
    """Whether the person belongs to the organisation, and will until the transaction ends."""
    rows = Membership.objects.filter(user=user, organisation=actor.organisation)
    return bool(rows.select_for_update(no_key=True))


@transaction.atomic
def revoke_grant(*, actor: Actor, folder: Folder, grant_id: int) -> None:
    """End a grant on the folder.

    Raises:
        NotAllowed: the actor does not administer the folder.
        NotFound: the folder has no such grant.
    """
    require_role(actor, folder, FolderRole.ADMIN)
    grant = FolderGrant.objects.filter(folder=folder, pk=grant_id).first()
    if grant is None:
        raise NotFound("There is no such grant on this folder.")
    audit.record(
        actor=actor,
        action="folder.revoked",
        target=folder,
        data={"role": grant.role, "from": str(grant.user_id or grant.team_id)},
    )
    grant.delete()


def _count_shares(organisation: Organisation, user: User) -> int:
    return FolderGrant.objects.filter(folder__organisation=organisation, user=user).count()


def _hand_shares_over(organisation: Organisation, user: User, heir: User) -> None:
    """Give the heir each role that is stronger than what he holds on the same folder."""
    shares = FolderGrant.objects.filter(folder__organisation=organisation)
    held = {grant.folder_id: grant for grant in shares.filter(user=heir).select_for_update()}
    for grant in shares.filter(user=user).select_for_update():
        own = held.get(grant.folder_id)
        if own is None:
            grant.user = heir
            grant.save(update_fields=["user", "updated_at"])
            continue
        if FolderRole(grant.role).rank > FolderRole(own.role).rank:
            own.role = grant.role
            own.save(update_fields=["role", "updated_at"])
        grant.delete()


SHARES = Belongings("shared folder", _count_shares, _hand_shares_over)


def forget_member(organisation: Organisation, user: User) -> None:
    """End the grants of a person who leaves the organisation: they must not wait for his return."""
    FolderGrant.objects.filter(folder__organisation=organisation, user=user).delete()
