"""Writes to the tree: create, rename, move, delete, grants."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.jobs.execution import execute_job
from core.models import AuditEvent, Job
from embeddings.models import UpgradeKey
from folders import hooks
from folders.choices import FolderRole
from folders.constants import MAX_FOLDER_DEPTH
from folders.models import Folder, FolderGrant, Item, Unit
from folders.services.deletion import delete_folder, delete_items
from folders.services.folders import create_folder, move_folder, rename_folder
from folders.services.grants import grant_folder, revoke_grant
from folders.services.imports import ItemRecord, import_items
from tests.factories import EmbeddingKeyFactory, FolderFactory, TeamFactory, UnitFactory
from tests.folders.media_files import png

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


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[int], UUID, UUID]]:
    """What the hook for moved units was told."""
    calls: list[tuple[list[int], UUID, UUID]] = []
    monkeypatch.setattr(
        hooks.on_units_moved, "_functions", [lambda ids, old, new: calls.append((ids, old, new))]
    )
    return calls


def test_move_folder__between_roots_takes_units_along(
    birds: Folder,
    night: Folder,
    boats: Folder,
    editor: User,
    admin: User,
    actor_for: ActorFor,
    moved: list[tuple[list[int], UUID, UUID]],
) -> None:
    owls = FolderFactory.create(parent=night, name="Owls")
    unit = UnitFactory.create(item__folder=owls)
    stays = UnitFactory.create(item__folder=birds)
    with pytest.raises(NotAllowed):
        move_folder(actor=actor_for(editor), folder=night, parent=birds)

    move_folder(actor=actor_for(admin), folder=night, parent=boats)

    night.refresh_from_db()
    owls.refresh_from_db()
    unit.refresh_from_db()
    stays.refresh_from_db()
    assert (night.parent, night.root, night.path) == (boats, boats, f"{boats.path}{night.id.hex}/")
    assert (owls.parent, owls.root, owls.path) == (night, boats, f"{night.path}{owls.id.hex}/")
    assert (unit.root, stays.root) == (boats, birds)
    assert moved == [([unit.pk], birds.pk, boats.pk)]


def test_move_folder__root_with_collections_or_maps_stays_a_root(
    birds: Folder, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    collection = Collection.objects.create(root=birds, name="Owls")
    key = EmbeddingKeyFactory.create(organisation=birds.organisation)
    upgrade = UpgradeKey.objects.create(root=birds, key=key)
    with pytest.raises(Conflict, match="folder upgrade"):
        move_folder(actor=actor_for(admin), folder=birds, parent=boats)
    upgrade.delete()
    with pytest.raises(Conflict, match="1 collection"):
        move_folder(actor=actor_for(admin), folder=birds, parent=boats)
    collection.delete()

    move_folder(actor=actor_for(admin), folder=birds, parent=boats)

    birds.refresh_from_db()
    assert birds.root == boats


def test_move_folder__within_a_root_moves_no_units(
    birds: Folder,
    night: Folder,
    admin: User,
    actor_for: ActorFor,
    moved: list[tuple[list[int], UUID, UUID]],
) -> None:
    day = FolderFactory.create(parent=birds)
    UnitFactory.create(item__folder=night)

    move_folder(actor=actor_for(admin), folder=night, parent=day)

    night.refresh_from_db()
    assert night.path == f"{day.path}{night.id.hex}/"
    assert moved == []


def test_move_folder__to_the_top_and_back(
    birds: Folder, night: Folder, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(folder_admin)
    unit = UnitFactory.create(item__folder=night)

    move_folder(actor=actor, folder=night, parent=None)

    night.refresh_from_db()
    unit.refresh_from_db()
    assert (night.parent, night.root, unit.root) == (None, night, night)
    # The grant above holds no longer.
    assert FolderGrant.objects.get(folder=night).user == folder_admin
    move_folder(actor=actor, folder=night, parent=birds)
    night.refresh_from_db()
    assert (night.root, night.path) == (birds, f"{birds.path}{night.id.hex}/")


def test_move_folder__below_itself_or_too_deep_is_refused(
    birds: Folder, night: Folder, admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(Conflict):
        move_folder(actor=actor_for(admin), folder=birds, parent=night)
    with pytest.raises(Conflict):
        move_folder(actor=actor_for(admin), folder=birds, parent=birds)
    deep = FolderFactory.create(organisation=birds.organisation)
    for _ in range(MAX_FOLDER_DEPTH - 2):
        deep = FolderFactory.create(parent=deep)
    with pytest.raises(InvalidInput):
        move_folder(actor=actor_for(admin), folder=birds, parent=deep)


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


def filled(actor: Actor, folder: Folder, count: int) -> list[Item]:
    """Items with files."""
    records = [ItemRecord(f"{n}.png", png(), {}) for n in range(count)]
    return import_items(actor=actor, folder=folder, records=records).items


def stored_files() -> int:
    """How many originals are stored."""
    return sum(
        len(default_storage.listdir(f"items/{letters}")[0])
        for letters in default_storage.listdir("items")[0]
    )


def test_delete_items__is_refused_as_a_whole(
    birds: Folder,
    boats: Folder,
    editor: User,
    viewer: User,
    admin: User,
    actor_for: ActorFor,
) -> None:
    mine = filled(actor_for(editor), birds, 1)
    foreign = filled(actor_for(admin), boats, 1)
    both = [item.pk for item in (*mine, *foreign)]

    with pytest.raises(NotAllowed):
        delete_items(actor=actor_for(viewer), item_ids=both[:1])
    with pytest.raises(NotFound):
        delete_items(actor=actor_for(editor), item_ids=both)

    assert Item.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [3, 30])
def test_delete_items__leaves_nothing(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    announced: list[int] = []
    monkeypatch.setattr(
        hooks.before_units_removed, "_functions", [lambda ids, root: announced.extend(ids)]
    )
    actor = actor_for(editor)
    items = filled(actor, birds, count + 1)
    units = set(Unit.objects.filter(item__in=items[:count]).values_list("pk", flat=True))
    assert stored_files() == count + 1

    deleted = delete_items(actor=actor, item_ids=[item.pk for item in items[:count]])
    for job in Job.objects.filter(kind="folders.remove_files"):
        execute_job(job_id=job.pk)

    assert deleted == count
    assert set(announced) == units
    assert Unit.objects.get().item == items[count]
    assert stored_files() == 1


@pytest.mark.django_db(transaction=True)
def test_delete_folder__takes_all_below(
    birds: Folder,
    night: Folder,
    boats: Folder,
    editor: User,
    folder_admin: User,
    actor_for: ActorFor,
) -> None:
    filled(actor_for(editor), birds, 1)
    filled(actor_for(editor), night, 1)
    with pytest.raises(NotAllowed):
        delete_folder(actor=actor_for(editor), folder=birds)

    delete_folder(actor=actor_for(folder_admin), folder=birds)

    assert set(Folder.objects.all()) == {boats}
    assert not Item.objects.exists()
    assert not Unit.objects.exists()
    assert stored_files() == 0
    event = AuditEvent.objects.get(action="folder.deleted")
    assert event.data == {"name": "Birds", "items": 2}


def test_rename_folder__leaves_what_it_was_not_asked_for(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    stale = Folder.objects.get(pk=birds.pk)
    rename_folder(actor=actor_for(editor), folder=birds, name="Crows")

    rename_folder(actor=actor_for(editor), folder=stale, description="black")

    birds.refresh_from_db()
    assert (birds.name, birds.description) == ("Crows", "black")
