"""Writes to the tree: create, rename, grants."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent
from folders.choices import FolderRole
from folders.constants import MAX_FOLDER_DEPTH
from folders.models import Folder, FolderGrant
from folders.services.folders import create_folder, rename_folder
from folders.services.grants import grant_folder, revoke_grant
from folders.services.moves import move_folder
from tests.factories import FolderFactory, TeamFactory

ActorFor = Callable[[User], Actor]


def test_create_folder__creator_of_a_root_administers_it(
    member: User, viewer: User, birds: Folder, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        create_folder(actor=actor_for(viewer), name="Day", parent=birds)

    root = create_folder(actor=actor_for(member), name="  Mine ", description=" all ")

    assert (root.name, root.description, root.root, root.path) == (
        "Mine",
        "all",
        root,
        f"/{root.id.hex}/",
    )
    assert FolderGrant.objects.get(folder=root).role == FolderRole.ADMIN
    below = create_folder(actor=actor_for(member), name="Below", parent=root)
    assert (below.root, below.path, below.depth) == (root, f"{root.path}{below.id.hex}/", 1)
    assert AuditEvent.objects.filter(action="folder.created").count() == 2


def test_folder_deleted_meanwhile__is_not_found(
    birds: Folder, night: Folder, admin: User, actor_for: ActorFor
) -> None:
    actor, gone = actor_for(admin), FolderFactory.build(pk=uuid4())

    with pytest.raises(NotFound):
        create_folder(actor=actor, name="Day", parent=gone)
    with pytest.raises(NotFound):
        move_folder(actor=actor, folder=gone, parent=birds)
    with pytest.raises(NotFound):
        move_folder(actor=actor, folder=night, parent=gone)


def test_create_folder__person_who_left_is_refused(member: User, actor_for: ActorFor) -> None:
    actor = actor_for(member)
    member.memberships.all().delete()

    with pytest.raises(NotAllowed):
        create_folder(actor=actor, name="Mine")


def test_create_folder__depth_is_limited(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    folder = birds
    for _ in range(MAX_FOLDER_DEPTH - 1):
        folder = FolderFactory.create(parent=folder)

    with pytest.raises(InvalidInput):
        create_folder(actor=actor_for(editor), name="too deep", parent=folder)


@pytest.mark.parametrize("name", ["", " ", "a" * 301, "a\nb", "a\x00"])
def test_rename_folder__names_are_checked(
    birds: Folder, editor: User, viewer: User, actor_for: ActorFor, name: str
) -> None:
    with pytest.raises(NotAllowed):
        rename_folder(actor=actor_for(viewer), folder=birds, name="Crows")
    with pytest.raises(InvalidInput):
        rename_folder(actor=actor_for(editor), folder=birds, name=name)

    rename_folder(actor=actor_for(editor), folder=birds, name="Crows", description="black")

    birds.refresh_from_db()
    assert (birds.name, birds.description) == ("Crows", "black")


def test_grants__only_by_administrators_of_the_folder(
    birds: Folder,
    editor: User,
    folder_admin: User,
    member: User,
    outsider: User,
    actor_for: ActorFor,
) -> None:
    with pytest.raises(NotAllowed):
        grant_folder(actor=actor_for(editor), folder=birds, role=FolderRole.VIEWER, user=member)
    actor = actor_for(folder_admin)
    with pytest.raises(InvalidInput):
        grant_folder(actor=actor, folder=birds, role=FolderRole.VIEWER, user=outsider)
    with pytest.raises(InvalidInput):
        grant_folder(actor=actor, folder=birds, role=FolderRole.VIEWER)
    with pytest.raises(InvalidInput):
        grant_folder(actor=actor, folder=birds, role=FolderRole.VIEWER, team=TeamFactory.create())

    grant_folder(actor=actor, folder=birds, role=FolderRole.VIEWER, user=member)
    grant = grant_folder(actor=actor, folder=birds, role=FolderRole.EDITOR, user=member)

    assert Folder.objects.visible_to(actor_for(member), FolderRole.EDITOR).exists()
    with pytest.raises(NotFound):
        revoke_grant(actor=actor, folder=birds, grant_id=grant.pk + 1000)
    revoke_grant(actor=actor, folder=birds, grant_id=grant.pk)
    assert not Folder.objects.visible_to(actor_for(member)).exists()


def test_rename_folder__leaves_what_it_was_not_asked_for(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    stale = Folder.objects.get(pk=birds.pk)
    rename_folder(actor=actor_for(editor), folder=birds, name="Crows")

    rename_folder(actor=actor_for(editor), folder=stale, description="black")

    birds.refresh_from_db()
    assert (birds.name, birds.description) == ("Crows", "black")
