"""Whatever is done with people, teams, grants and folders, in whatever order: who sees what is what
a model says that knows no paths, no queries and no shortcuts.

Two organisations share the same people. One keeper administers both, does everything by the
services that pages and the API call, and is not played with himself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, Team, User
from accounts.services.operators import let_in, set_active
from accounts.services.organisations import change_member_role, remove_member
from accounts.services.teams import add_team_member, create_team, delete_team, remove_team_member
from core.errors import Conflict, InvalidInput
from folders.access import people_with_access
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant, Item, Unit
from folders.permissions import has_role, sees_whole_root, strongest_role
from folders.services.deletion import delete_folder
from folders.services.folders import create_folder
from folders.services.grants import grant_folder, revoke_grant
from folders.services.moves import move_folder, move_items
from tests.embeddings.worlds import make_units
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from tests.jobs import run_jobs

ADMIN, MEMBER = OrganisationRole.ADMIN, OrganisationRole.MEMBER
PEOPLE = 3


@dataclass
class Model:
    """Who belongs where, and what lies where."""

    roles: dict[tuple[UUID, UUID], OrganisationRole] = field(default_factory=dict)
    barred: set[UUID] = field(default_factory=set)
    teams: dict[UUID, set[UUID]] = field(default_factory=dict)
    owners: dict[UUID, UUID] = field(default_factory=dict)
    parents: dict[UUID, UUID | None] = field(default_factory=dict)
    # By folder, and the person or team.
    grants: dict[tuple[UUID, UUID], FolderRole] = field(default_factory=dict)
    units: dict[int, UUID] = field(default_factory=dict)

    def line(self, folder: UUID | None) -> list[UUID]:
        """The folder and all above it."""
        return [] if folder is None else [folder, *self.line(self.parents[folder])]

    def role(self, organisation: UUID, person: UUID, folder: UUID) -> FolderRole | None:
        """The strongest role that a person holds on a folder, acting for an organisation."""
        office = self.roles.get((organisation, person))
        if office is None or person in self.barred or self.owners[folder] != organisation:
            return None
        if office == ADMIN:
            return FolderRole.ADMIN
        names = {person, *(team for team, members in self.teams.items() if person in members)}
        held = [
            role
            for (place, name), role in self.grants.items()
            if name in names and place in self.line(folder)
        ]
        return max(held, key=lambda role: role.rank, default=None)

    def seen(self, organisation: UUID, person: UUID, least: FolderRole) -> set[UUID]:
        """The folders on which a person holds a role."""
        roles = {folder: self.role(organisation, person, folder) for folder in self.parents}
        return {folder for folder, role in roles.items() if role and role.includes(least)}

    def forget(self, name: UUID, organisation: UUID) -> None:
        """Drop the grants of a person or team there."""
        for place, held_by in list(self.grants):
            if held_by == name and self.owners[place] == organisation:
                del self.grants[place, held_by]

    def drop(self, folder: UUID) -> None:
        """A folder and all that lies in it."""
        gone = {one for one in self.parents if folder in self.line(one)}
        self.units = {unit: where for unit, where in self.units.items() if where not in gone}
        self.grants = {key: role for key, role in self.grants.items() if key[0] not in gone}
        for one in gone:
            del self.parents[one], self.owners[one]


class Player:
    """Does the same to the platform and to the model; `pick` says with which of the things."""

    def __init__(self) -> None:
        self.model = Model()
        self.founded = 0
        self.keeper = UserFactory.create(is_superuser=True)
        self.people: list[User] = UserFactory.create_batch(PEOPLE)
        self.here: Organisation = OrganisationFactory.create()
        self.organisations = [self.here, OrganisationFactory.create()]
        for organisation in self.organisations:
            self._join(organisation, self.keeper, ADMIN)
        for organisation, person, role in (
            (self.organisations[0], self.people[0], MEMBER),
            (self.organisations[0], self.people[1], MEMBER),
            (self.organisations[1], self.people[1], MEMBER),
            (self.organisations[1], self.people[2], ADMIN),
        ):
            self._join(organisation, person, role)

    def _join(self, organisation: Organisation, user: User, role: OrganisationRole) -> None:
        MembershipFactory.create(organisation=organisation, user=user, role=role)
        self.model.roles[organisation.pk, user.pk] = role

    @property
    def actor(self) -> Actor:
        """The keeper, for the organisation that is played in at the moment."""
        return Actor(user=self.keeper, organisation=self.here)

    def settle(self) -> None:
        """Begin with what plays would seldom come to: a team that holds something deep down."""
        for place, top in ((0, 0), (0, 1), (1, 1), (0, 0)):
            self.create(place, top, FolderRole.VIEWER)
        self.found_team(0, 0, FolderRole.VIEWER)
        for place in range(PEOPLE):
            self.join_team(0, place, FolderRole.VIEWER)
        self.share_with_team(1, 0, FolderRole.EDITOR)
        self.share(2, 1, FolderRole.ADMIN)
        self.share(0, 2, FolderRole.VIEWER)

    def switch(self, a: int, b: int, role: FolderRole) -> None:
        """Go on in the other organisation."""
        self.here = next(one for one in self.organisations if one != self.here)

    def _folder(self, pick: int) -> Folder | None:
        here = [one for one, owner in self.model.owners.items() if owner == self.here.pk]
        return Folder.objects.get(pk=here[pick % len(here)]) if here else None

    def _team(self, pick: int) -> Team | None:
        teams = list(Team.objects.filter(organisation=self.here).order_by("name"))
        return teams[pick % len(teams)] if teams else None

    def _person(self, pick: int) -> User:
        return self.people[pick % PEOPLE]

    def create(self, a: int, b: int, role: FolderRole) -> None:
        """A folder with two units, below another or at the top."""
        parent = None if b % 3 == 0 else self._folder(a)
        made = create_folder(actor=self.actor, name="f", parent=parent)
        self.model.parents[made.pk] = parent.pk if parent else None
        self.model.owners[made.pk] = self.here.pk
        if parent is None:
            self.model.grants[made.pk, self.keeper.pk] = FolderRole.ADMIN
        self.model.units |= dict.fromkeys(make_units(made, 2), made.pk)

    def share(self, a: int, b: int, role: FolderRole) -> None:
        """A folder with a person, who has to be a member."""
        folder, person = self._folder(a), self._person(b)
        if folder is None:
            return
        if (self.here.pk, person.pk) not in self.model.roles:
            with pytest.raises(InvalidInput):
                grant_folder(actor=self.actor, folder=folder, role=role, user=person)
            return
        grant_folder(actor=self.actor, folder=folder, role=role, user=person)
        self.model.grants[folder.pk, person.pk] = role

    def share_with_team(self, a: int, b: int, role: FolderRole) -> None:
        """A folder with a team."""
        folder, team = self._folder(a), self._team(b)
        if folder is None or team is None:
            return
        grant_folder(actor=self.actor, folder=folder, role=role, team=team)
        self.model.grants[folder.pk, team.pk] = role

    def withdraw(self, a: int, b: int, role: FolderRole) -> None:
        """A grant."""
        shares = FolderGrant.objects.filter(folder__in=Folder.objects.all())
        grants = list(shares.filter(folder__organisation=self.here).order_by("pk"))
        if not grants:
            return
        grant = grants[a % len(grants)]
        revoke_grant(actor=self.actor, folder=grant.folder, grant_id=grant.pk)
        name = grant.user_id or grant.team_id
        assert name is not None
        del self.model.grants[grant.folder_id, name]

    def found_team(self, a: int, b: int, role: FolderRole) -> None:
        """A team without members."""
        self.founded += 1
        team = create_team(actor=self.actor, name=f"Team {self.founded}")
        self.model.teams[team.pk] = set()

    def join_team(self, a: int, b: int, role: FolderRole) -> None:
        """A person, who has to be a member."""
        team, person = self._team(a), self._person(b)
        if team is None:
            return
        if (self.here.pk, person.pk) not in self.model.roles:
            with pytest.raises(InvalidInput):
                add_team_member(actor=self.actor, team=team, user=person)
            return
        add_team_member(actor=self.actor, team=team, user=person)
        self.model.teams[team.pk].add(person.pk)

    def leave_team(self, a: int, b: int, role: FolderRole) -> None:
        """A person, whether or not he is in it."""
        team, person = self._team(a), self._person(b)
        if team is not None:
            remove_team_member(actor=self.actor, team=team, user=person)
            self.model.teams[team.pk].discard(person.pk)

    def end_team(self, a: int, b: int, role: FolderRole) -> None:
        """With its grants."""
        team = self._team(a)
        if team is not None:
            gone = team.pk
            delete_team(actor=self.actor, team=team)
            del self.model.teams[gone]
            self.model.forget(gone, self.here.pk)

    def enter(self, a: int, b: int, role: FolderRole) -> None:
        """A person comes, or comes back: with nothing of what he held before."""
        person, office = self._person(a), ADMIN if b % 4 == 0 else MEMBER
        if (self.here.pk, person.pk) in self.model.roles:
            with pytest.raises(Conflict):
                let_in(actor=self.actor, user=person, role=office)
            return
        let_in(actor=self.actor, user=person, role=office)
        self.model.roles[self.here.pk, person.pk] = office

    def promote(self, a: int, b: int, role: FolderRole) -> None:
        """A member becomes an administrator, or the other way round."""
        person, office = self._person(a), ADMIN if b % 2 else MEMBER
        if (membership := self._membership(person)) is not None:
            change_member_role(actor=self.actor, membership=membership, role=office)
            self.model.roles[self.here.pk, person.pk] = office

    def leave(self, a: int, b: int, role: FolderRole) -> None:
        """A member goes; sometimes another one gets what he held."""
        person, heir = self._person(a), self._person(b)
        membership, follows = self._membership(person), self._membership(heir)
        if membership is None:
            return
        inherits = follows is not None and heir != person
        remove_member(actor=self.actor, membership=membership, heir=follows if inherits else None)
        model = self.model
        if inherits:
            for (place, name), held in list(model.grants.items()):
                if name == person.pk and model.owners[place] == self.here.pk:
                    own = model.grants.get((place, heir.pk), held)
                    model.grants[place, heir.pk] = max(own, held, key=lambda one: one.rank)
        model.forget(person.pk, self.here.pk)
        for team in Team.objects.filter(organisation=self.here):
            model.teams[team.pk].discard(person.pk)
        del model.roles[self.here.pk, person.pk]

    def come_back(self, a: int, b: int, role: FolderRole) -> None:
        """A member goes and comes again, by which he loses what he held."""
        if self._membership(self._person(a)) is not None:
            self.leave(a, a, role)
            self.enter(a, 1, role)

    def bar(self, a: int, b: int, role: FolderRole) -> None:
        """Keep a person out of the whole server, or let him in again."""
        person, active = self._person(a), bool(b % 2)
        set_active(operator=self.keeper, user=person, active=active)
        (self.model.barred.discard if active else self.model.barred.add)(person.pk)

    def move(self, a: int, b: int, role: FolderRole) -> None:
        """A folder to anywhere; its own grants go along, those from above do not."""
        folder, parent = self._folder(a), None if b % 4 == 0 else self._folder(b)
        if folder is None:
            return
        if parent is not None and folder.pk in self.model.line(parent.pk):
            with pytest.raises(Conflict):
                move_folder(actor=self.actor, folder=folder, parent=parent)
            return
        was_below = self.model.parents[folder.pk] is not None
        move_folder(actor=self.actor, folder=folder, parent=parent)
        self.model.parents[folder.pk] = parent.pk if parent else None
        if parent is None and was_below:
            # Whoever makes a root folder administers it.
            self.model.grants.setdefault((folder.pk, self.keeper.pk), FolderRole.ADMIN)

    def carry(self, a: int, b: int, role: FolderRole) -> None:
        """A unit with its item to another folder of the organisation."""
        folder, model = self._folder(b), self.model
        here = [one for one, at in model.units.items() if model.owners[at] == self.here.pk]
        if folder is None or not here:
            return
        unit = here[a % len(here)]
        item = Unit.objects.get(pk=unit).item_id
        move_items(actor=self.actor, item_ids=[item], folder=folder)
        model.units[unit] = folder.pk

    def delete(self, a: int, b: int, role: FolderRole) -> None:
        """A folder, whose rows a job takes away later."""
        folder = self._folder(a)
        if folder is not None:
            delete_folder(actor=self.actor, folder=folder)
            self.model.drop(folder.pk)

    def _membership(self, person: User) -> Membership | None:
        return Membership.objects.filter(user=person, organisation=self.here).first()

    def check(self, least: FolderRole, organisations: list[Organisation]) -> None:
        """What everybody may do with a role, by way of lists."""
        for organisation in organisations:
            for user in User.objects.filter(pk__in=[one.pk for one in self.people]):
                actor = Actor(user=user, organisation=organisation)
                expected = self.model.seen(organisation.pk, user.pk, least)
                folders = Folder.objects.visible_to(actor, least)
                assert set(folders.values_list("pk", flat=True)) == expected
                inside = {unit for unit, at in self.model.units.items() if at in expected}
                units = Unit.objects.visible_to(actor, least)
                assert set(units.values_list("pk", flat=True)) == inside
                items = Item.objects.visible_to(actor, least)
                assert set(items.values_list("units", flat=True)) == inside

    def check_each(self) -> None:
        """What is said of each folder by itself agrees with the lists."""
        model = self.model
        for folder in Folder.objects.all():
            for organisation in self.organisations:
                for user in User.objects.filter(pk__in=[one.pk for one in self.people]):
                    actor = Actor(user=user, organisation=organisation)
                    held = model.role(organisation.pk, user.pk, folder.pk)
                    assert strongest_role(actor, folder) == held
                    for least in FolderRole:
                        assert has_role(actor, folder, least) == bool(held and held.includes(least))
                    if sees_whole_root(actor, folder.root):
                        assert held is not None
            owner = Actor(user=self.keeper, organisation=folder.organisation)
            told = people_with_access(owner, folder).rows
            everybody = [one.pk for one in (*self.people, self.keeper)]
            expected = {
                one: model.role(folder.organisation_id, one, folder.pk) for one in everybody
            }
            assert {one.user.pk: one.role for one in told} == {
                one: role for one, role in expected.items() if role is not None
            }


ACTIONS: list[Callable[[Player, int, int, FolderRole], None]] = [
    *(Player.create, Player.share, Player.share_with_team, Player.withdraw, Player.switch),
    *(Player.found_team, Player.join_team, Player.leave_team, Player.end_team),
    *(Player.enter, Player.promote, Player.leave, Player.come_back, Player.bar),
    *(Player.move, Player.carry, Player.delete),
]
MOVES = st.tuples(
    st.sampled_from(ACTIONS),
    st.integers(0, 11),
    st.integers(0, 11),
    st.sampled_from(FolderRole),
)


class GrantsProperty(TestCase):
    """Random plays; each in a transaction of its own."""

    @settings(max_examples=20)
    @given(moves=st.lists(MOVES, min_size=4, max_size=25))
    def test_who_sees_what_is_what_the_model_says(
        self, moves: list[tuple[Callable[..., None], int, int, FolderRole]]
    ) -> None:
        player = Player()
        for organisation in player.organisations:
            player.here = organisation
            player.settle()
            player.check(FolderRole.VIEWER, [organisation])
        for act, a, b, role in moves:
            act(player, a, b, role)
            player.check(role, [player.here])
        player.check_each()
        run_jobs()
        for role in FolderRole:
            player.check(role, player.organisations)
        for organisation in player.organisations:
            player.here = organisation
            for place in range(PEOPLE):
                player.come_back(place, 0, FolderRole.VIEWER)
        player.check(FolderRole.VIEWER, player.organisations)
        player.check_each()
