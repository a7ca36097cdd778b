"""The world: built once for the module, in one transaction that is rolled back at its end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.actor import Actor
from accounts.choices import OrganisationRole, TokenScope
from accounts.models import Organisation, User
from accounts.services.invitations import invite
from accounts.services.ssh_keys import add_ssh_key
from accounts.services.tokens import create_token, revoke_token
from core.models import Job, JobState
from core.services.jobs import enqueue_job
from folders.choices import FolderRole, ImportState
from folders.models import Import
from folders.services.uploads import begin_upload
from tests.factories import (
    FolderFactory,
    FolderGrantFactory,
    MembershipFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
)
from tests.jobs import job_kinds
from tests.matrix.table import Who
from tests.matrix.things import fill
from tests.matrix.world import World

_GRANTS = {
    Who.VIEWER: FolderRole.VIEWER,
    Who.EDITOR: FolderRole.EDITOR,
    Who.FOLDER_ADMIN: FolderRole.ADMIN,
}
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIsmwOI5mCR6wpJqgb2GTZnHjHqbHqCDH0G5ZxFd4bHQ"


@pytest.fixture(scope="module")
def _shared_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A place for the world's files, which outlive the single test."""
    folder = tmp_path_factory.mktemp("matrix")
    storages = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder / "media")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(KINDRED_DATA=folder, STORAGES=storages):
        yield


@pytest.fixture(autouse=True)
def _own_storage(_shared_storage: None) -> None:
    """In place of the fixture of this name that gives each test a storage of its own."""


@pytest.fixture(scope="module")
def _shared_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, _shared_storage: None
) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _build()
        transaction.set_rollback(True)


@pytest.fixture
def world(_shared_world: World, db: None) -> World:
    """The world; `db` opens a savepoint in its transaction and rolls back to it."""
    return _shared_world


def _build() -> World:
    world = World()
    organisation = OrganisationFactory.create(name="Lighthouse Lab")
    birds = FolderFactory.create(organisation=organisation, name="Birds")
    people: dict[Who, User] = {
        who: UserFactory.create(email=f"{who.value}@example.org", name=who.value)
        for who in Who
        if who not in (Who.ANONYMOUS, Who.READ_TOKEN, Who.REVOKED_TOKEN)
    }
    for who, person in people.items():
        role = OrganisationRole.ADMIN if who is Who.ADMIN else OrganisationRole.MEMBER
        if who is not Who.OTHER_ORG:
            MembershipFactory.create(organisation=organisation, user=person, role=role)
        if who in _GRANTS:
            FolderGrantFactory.create(folder=birds, user=person, role=_GRANTS[who])
    other = OrganisationFactory.create(name="Harbour Works")
    MembershipFactory.create(
        organisation=other, user=people[Who.OTHER_ORG], role=OrganisationRole.ADMIN
    )
    world.clients = _clients(people, organisation)
    world.bearers = world.clients | {
        who: _bearer(
            Actor(user=person, organisation=other if who is Who.OTHER_ORG else organisation)
        )
        for who, person in people.items()
    }
    world.things |= {"organisation": organisation, "birds": birds}
    # First what jobs make, then the job that is to stay queued.
    fill(world, Actor(user=people[Who.ADMIN], organisation=organisation))
    _fill_accounts(world, people)
    return world


def _clients(people: dict[Who, User], organisation: Organisation) -> dict[Who, Client]:
    clients = {who: Client() for who in people}
    for who, client in clients.items():
        client.force_login(people[who])
    actor = Actor(user=people[Who.ADMIN], organisation=organisation)
    _, read = create_token(actor=actor, name="Read", scope=TokenScope.READ)
    revoked, gone = create_token(actor=actor, name="Revoked", scope=TokenScope.WRITE)
    revoke_token(actor=actor, token=revoked)
    clients[Who.ANONYMOUS] = Client()
    clients[Who.READ_TOKEN] = Client(headers={"Authorization": f"Bearer {read}"})
    clients[Who.REVOKED_TOKEN] = Client(headers={"Authorization": f"Bearer {gone}"})
    return clients


def _bearer(actor: Actor) -> Client:
    _, token = create_token(actor=actor, name="Program", scope=TokenScope.WRITE)
    return Client(headers={"Authorization": f"Bearer {token}"})


def _fill_accounts(world: World, people: dict[Who, User]) -> None:
    """Things of people; the editor owns those that belong to one person."""
    organisation = world["organisation"]
    editor = Actor(user=people[Who.EDITOR], organisation=organisation)
    colleague = UserFactory.create(email="colleague@example.org")
    MembershipFactory.create(organisation=organisation, user=colleague)
    team = TeamFactory.create(organisation=organisation, name="Ornithologists")
    team.members.add(colleague)
    expires = timezone.now() + timedelta(days=1)
    token, _ = create_token(
        actor=editor, name="Editor's", scope=TokenScope.WRITE, expires_at=expires
    )
    job = enqueue_job(
        organisation_id=organisation.pk,
        user_id=colleague.pk,
        kind=job_kinds.COUNT,
        title="Count birds",
        payload={"to": 3},
        folder_id=world["birds"].pk,
    )
    # Ended, so that it may be tried again.
    failed_job = Job.objects.create(
        organisation=organisation,
        actor=colleague,
        kind=job_kinds.COUNT,
        title="Count birds",
        payload={"to": 3},
        folder_id=world["birds"].pk,
        state=JobState.FAILED,
        error_code="internal_error",
        error_message="Something went wrong on our side.",
        ended_at=timezone.now(),
    )
    invitation, secret = invite(
        actor=Actor(user=people[Who.ADMIN], organisation=organisation), email="guest@example.org"
    )
    session = UserSession.objects.create(
        user=editor.user,
        ip="127.0.0.1",
        session_key=world.clients[Who.EDITOR].session.session_key,
    )
    world.things |= {
        "invitation": invitation,
        "invitation_secret": secret,
        "session": session,
        "colleague": colleague,
        "team": team,
        "api_token": token,
        "ssh_key": add_ssh_key(actor=editor, public_key=_KEY, name="desk"),
        "job": job,
        "failed_job": failed_job,
        "import": Import.objects.create(
            organisation=organisation,
            folder=world["birds"],
            kind="metadata",
            file_name="owls.json",
            dry_run=True,
            state=ImportState.CHECKED,
        ),
        "upload": begin_upload(actor=editor, folder=world["birds"], name="owl.png", size=2),
    }
