"""The cast: one organisation with a small tree of folders, and people with different roles in it.

    Birds/            admin, folder_admin, editor, viewer (by grants; admin by his office)
      Night/          night_viewer sees only this
    Boats/            admin only

`member` belongs to the organisation but holds no grant; `outsider` administers another one.
"""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, User
from folders.choices import FolderRole
from folders.models import Folder
from tests.factories import (
    FolderFactory,
    FolderGrantFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
)


@pytest.fixture
def organisation(db: None) -> Organisation:
    """The organisation of everybody but the outsider."""
    return OrganisationFactory.create(name="Lighthouse Lab")


@pytest.fixture
def other_organisation(db: None) -> Organisation:
    """The outsider's organisation."""
    return OrganisationFactory.create(name="Harbour Works")


@pytest.fixture
def birds(organisation: Organisation) -> Folder:
    """A root folder."""
    return FolderFactory.create(organisation=organisation, name="Birds")


@pytest.fixture
def night(birds: Folder) -> Folder:
    """A folder below Birds."""
    return FolderFactory.create(parent=birds, name="Night")


@pytest.fixture
def boats(organisation: Organisation) -> Folder:
    """A root folder that nobody holds a grant on."""
    return FolderFactory.create(organisation=organisation, name="Boats")


@pytest.fixture
def admin(organisation: Organisation) -> User:
    """Administers the organisation."""
    return _person(organisation, "admin", OrganisationRole.ADMIN)


@pytest.fixture
def member(organisation: Organisation) -> User:
    """Belongs to the organisation and holds no grant."""
    return _person(organisation, "member")


@pytest.fixture
def viewer(organisation: Organisation, birds: Folder) -> User:
    """May look at Birds."""
    return _person(organisation, "viewer", folder=birds, folder_role=FolderRole.VIEWER)


@pytest.fixture
def night_viewer(organisation: Organisation, night: Folder) -> User:
    """May look at Night, and at nothing else of Birds."""
    return _person(organisation, "night_viewer", folder=night, folder_role=FolderRole.VIEWER)


@pytest.fixture
def editor(organisation: Organisation, birds: Folder) -> User:
    """May change what is in Birds."""
    return _person(organisation, "editor", folder=birds, folder_role=FolderRole.EDITOR)


@pytest.fixture
def folder_admin(organisation: Organisation, birds: Folder) -> User:
    """May do everything with Birds."""
    return _person(organisation, "folder_admin", folder=birds, folder_role=FolderRole.ADMIN)


@pytest.fixture
def outsider(other_organisation: Organisation) -> User:
    """Administers another organisation."""
    return _person(other_organisation, "outsider", OrganisationRole.ADMIN)


@pytest.fixture
def actor_for() -> Callable[[User], Actor]:
    """Makes the actor of a person in his (only) organisation."""

    def make(user: User) -> Actor:
        membership = Membership.objects.select_related("organisation").get(user=user)
        return Actor(user=user, organisation=membership.organisation)

    return make


def _person(
    organisation: Organisation,
    name: str,
    role: OrganisationRole = OrganisationRole.MEMBER,
    *,
    folder: Folder | None = None,
    folder_role: FolderRole | None = None,
) -> User:
    user = UserFactory.create(email=f"{name}@example.org", name=name.replace("_", " ").title())
    MembershipFactory.create(organisation=organisation, user=user, role=role)
    if folder and folder_role:
        FolderGrantFactory.create(folder=folder, user=user, role=folder_role)
    return user
