"""The end of items and folders."""

from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection, CollectionUnit
from core.errors import Conflict, NotAllowed, NotFound
from core.jobs.execution import execute_job
from core.models import AuditEvent, Job, JobState
from embeddings.models import Reduction, Vector
from embeddings.search import UnitExample, search
from embeddings.services.coverage import coverage
from folders import hooks
from folders.models import Folder, Item, Unit, UnitCount
from folders.permissions import get_folder, get_item, get_root, get_unit, sees_whole_root
from folders.services import removal
from folders.services.deletion import delete_folder, delete_items
from folders.services.folders import create_folder
from folders.services.imports import ItemRecord, import_items
from folders.services.moves import move_folder
from folders.services.removal import resume_removals
from tests.embeddings.worlds import make_key, make_units, put
from tests.factories import FolderFactory, UnitFactory
from tests.folders.media_files import png
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


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
    assert event.data == {"name": "Birds"}


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder is too large to be deleted within the request."""
    monkeypatch.setattr(removal, "is_small", lambda ids: False)
    monkeypatch.setattr("folders.services.deletion.is_small", lambda ids: False)
    monkeypatch.setattr(removal, "BATCH_SIZE", 2)


@pytest.mark.usefixtures("large")
def test_delete_folder__large_one_is_hidden_at_once_and_removed_by_a_job(
    birds: Folder, night: Folder, viewer: User, folder_admin: User, actor_for: ActorFor
) -> None:
    actor, looker = actor_for(folder_admin), actor_for(viewer)
    owls = FolderFactory.create(parent=night, name="Owls")
    gone, stays = make_units(night, 3) + make_units(owls, 2), make_units(birds, 2)
    key = make_key(birds)
    put(key, {unit: [1, place, 2] for place, unit in enumerate(gone + stays)})
    collection = Collection.objects.create(root=birds, name="Singers")
    CollectionUnit.objects.create(collection=collection, unit_id=gone[0])
    item = Item.objects.get(units=gone[0])
    with pytest.raises(NotAllowed):
        delete_folder(actor=looker, folder=night)

    job = delete_folder(actor=actor, folder=night)

    assert job is not None
    assert Unit.objects.count() == 7
    for person in (actor, looker):
        for refused in (
            lambda person=person: get_folder(person, night.pk),
            lambda person=person: get_folder(person, owls.pk),
            lambda person=person: get_item(person, item.pk),
            lambda person=person: get_unit(person, gone[0]),
        ):
            with pytest.raises(NotFound):
                refused()
        assert set(Unit.objects.visible_to(person).values_list("pk", flat=True)) == set(stays)
        assert not sees_whole_root(person, birds)
        covered = coverage(person, birds, key)
        assert (covered.units, covered.with_vector) == (2, 2)
        page = search(actor=person, root=birds, key=key, query=UnitExample(stays[0]), limit=10)
        assert {hit.unit_id for hit in page.hits} <= set(stays)
    with pytest.raises(NotFound):
        create_folder(actor=actor, name="New", parent=owls)
    with pytest.raises(NotFound):
        move_folder(actor=actor, folder=owls, parent=birds)
    with pytest.raises(NotFound):
        delete_folder(actor=actor, folder=night)

    run_jobs()

    assert set(Unit.objects.values_list("pk", flat=True)) == set(stays)
    assert set(Vector.objects.values_list("unit_id", flat=True)) == set(stays)
    assert set(Folder.everything.all()) == {birds}
    assert not CollectionUnit.objects.exists()
    assert sees_whole_root(actor, birds)
    assert not UnitCount.objects.exclude(folder=birds).exists()


@pytest.mark.usefixtures("large")
def test_delete_folder__root_takes_what_belongs_to_it(
    birds: Folder, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(folder_admin)
    units = make_units(birds, 3)
    key = make_key(birds)
    put(key, {unit: [1, 2, 3] for unit in units})
    Collection.objects.create(root=birds, name="Singers")
    Reduction.objects.create(root=birds, key=key, version=1, state="ready")

    delete_folder(actor=actor, folder=birds)
    with pytest.raises(NotFound):
        get_root(actor, birds.pk)
    assert not Collection.objects.visible_to(actor).exists()
    assert not Reduction.objects.visible_to(actor).exists()
    run_jobs()

    for model in (Unit, Item, Collection, Reduction, Vector, UnitCount):
        assert not model.objects.exists(), model
    assert not Folder.everything.exists()


@pytest.mark.usefixtures("large")
def test_delete_folder__lets_go_of_units_that_are_still_to_follow_out_of_it(
    birds: Folder,
    night: Folder,
    boats: Folder,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("folders.services.moves._UNITS_AT_ONCE", 0)
    actor, units = actor_for(admin), make_units(night, 3)
    move_folder(actor=actor, folder=night, parent=boats)
    Job.objects.update(state=JobState.CANCELLED)

    delete_folder(actor=actor, folder=birds)
    run_jobs()

    assert set(Unit.objects.filter(root=boats).values_list("pk", flat=True)) == set(units)
    assert set(Folder.everything.all()) == {boats, night}


@pytest.mark.usefixtures("large")
def test_resume_removals__begins_lost_ones_anew(
    birds: Folder, night: Folder, admin: User, actor_for: ActorFor
) -> None:
    make_units(night, 1)
    delete_folder(actor=actor_for(admin), folder=night)
    assert resume_removals() == 0
    Job.objects.update(state=JobState.CANCELLED)

    assert resume_removals() == 1
    run_jobs()

    assert set(Folder.everything.all()) == {birds}
    assert resume_removals() == 0


@pytest.mark.usefixtures("large")
def test_delete_folder__stops_the_work_on_it(
    birds: Folder, night: Folder, admin: User, actor_for: ActorFor
) -> None:
    filled(actor_for(admin), night, 1)
    reading = Job.objects.get(kind="folders.process_items")

    delete_folder(actor=actor_for(admin), folder=night)

    reading.refresh_from_db()
    assert reading.state == JobState.CANCELLED


def test_delete_items__takes_parts_along_but_no_part_alone(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    whole = UnitFactory.create(item__folder=birds)
    part = UnitFactory.create(item__folder=birds, item__parent=whole.item, item__position=0)
    with pytest.raises(Conflict):
        delete_items(actor=actor_for(editor), item_ids=[part.item_id])

    assert delete_items(actor=actor_for(editor), item_ids=[whole.item_id]) == 1

    assert not Item.objects.exists()
    assert not Unit.objects.exists()
