"""Who has access to a folder, and why: by office, by a share of his own, or by a team's."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Team, User
from accounts.paging import Page, page_of
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant


@dataclass(frozen=True, slots=True)
class Reason:
    """One way in. Without team it is his own; without folder it is his office.

    `folder` is None, too, for a share on a folder above that the actor may not see.
    """

    role: FolderRole
    team: Team | None = None
    folder: Folder | None = None
    by_office: bool = False


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """A person with everything that lets him in, the strongest first."""

    user: User
    reasons: tuple[Reason, ...]

    @property
    def role(self) -> FolderRole:
        """The strongest role."""
        return self.reasons[0].role


def grants_on(folder: Folder) -> "QuerySet[FolderGrant]":
    """Shares of the folder itself, teams first."""
    grants = FolderGrant.objects.filter(folder=folder).select_related("user", "team")
    return grants.order_by("team__name", "user__name", "user__email", "pk")


def grants_above(folder: Folder) -> "QuerySet[FolderGrant]":
    """Shares of folders above, which hold here, too; the nearest first."""
    above = [pk for pk in _line(folder) if pk != folder.pk]
    grants = FolderGrant.objects.filter(folder__in=above)
    return grants.select_related("user", "team", "folder").order_by("-folder__path", "pk")


def people_with_access(
    actor: Actor, folder: Folder, *, search: str = "", page: Any = None
) -> Page[PersonAccess]:
    """The people who see the folder, by name, a page at a time.

    Raises:
        InvalidInput: there is no such page.
    """
    grants = FolderGrant.objects.filter(folder__in=_line(folder))
    teams = Team.members.through.objects.filter(team__in=grants.values("team"))
    members = (
        Membership.objects.visible_to(actor)
        .filter(user__is_active=True)
        .filter(
            Q(role=OrganisationRole.ADMIN)
            | Q(user__in=grants.exclude(user=None).values("user"))
            | Q(user__in=teams.values("user"))
        )
        .select_related("user")
        .order_by("user__name", "user__email", "pk")
    )
    if search:
        members = members.filter(Q(user__name__icontains=search) | Q(user__email__icontains=search))
    found = page_of(members, page)
    return Page(_explain(actor, folder, found.rows), found.number, found.next)


def _explain(actor: Actor, folder: Folder, members: list[Membership]) -> list[PersonAccess]:
    """Say of each member what lets him in; the queries do not grow with their number."""
    users = [member.user_id for member in members]
    grants = FolderGrant.objects.filter(folder__in=_line(folder)).select_related("team", "folder")
    visible = Folder.objects.visible_to(actor).filter(pk__in=_line(folder))
    seen = set(visible.values_list("pk", flat=True))
    by_user: dict[UUID, list[Reason]] = defaultdict(list)
    by_team: dict[UUID, list[Reason]] = defaultdict(list)
    for grant in grants.filter(Q(team__isnull=False) | Q(user__in=users)):
        place = grant.folder if grant.folder_id in seen else None
        reason = Reason(FolderRole(grant.role), grant.team, place)
        if grant.user_id:
            by_user[grant.user_id].append(reason)
        elif grant.team_id:
            by_team[grant.team_id].append(reason)
    through = Team.members.through.objects.filter(team__in=list(by_team), user__in=users)
    for team_id, user_id in through.values_list("team", "user"):
        by_user[user_id] += by_team[team_id]
    people = []
    for member in members:
        reasons = list(by_user[member.user_id])
        if member.role == OrganisationRole.ADMIN:
            reasons.append(Reason(FolderRole.ADMIN, by_office=True))
        reasons.sort(key=lambda reason: (-reason.role.rank, not reason.by_office))
        people.append(PersonAccess(member.user, tuple(reasons)))
    return people


def _line(folder: Folder) -> list[UUID]:
    """Ids from the root down to the folder."""
    return [UUID(part) for part in folder.path.strip("/").split("/")]
