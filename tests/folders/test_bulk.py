"""Changes of many items: at once, and by a job."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, User
from accounts.services.organisations import remove_member
from core.errors import InvalidInput, NotAllowed, NotFound
from core.jobs import JobCancelled
from core.models import Job, JobState
from core.services.jobs import request_cancel
from folders.choices import ItemState, KeyType
from folders.models import Folder, Item, SelectedItems, Unit
from folders.permissions import sees_whole_root
from folders.selections import MAX_NAMED_ITEMS, Selection, check_selection
from folders.services import bulk
from folders.services.bulk import delete_selection, edit_selection, move_selection
from folders.services.deletion import delete_folder
from folders.services.hiding import hide_items
from folders.services.moves import move_items
from folders.services.schema import add_key
from folders.services.selected_items import forget_ended
from tests.factories import ItemFactory, UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def by_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done within the request; batches are of two."""
    monkeypatch.setattr(bulk, "_ITEMS_AT_ONCE", 0)
    monkeypatch.setattr(bulk, "_BATCH", 2)
    monkeypatch.setattr(bulk, "_HIDDEN_ITEMS_AT_ONCE", 0)
    monkeypatch.setattr(bulk, "_HIDDEN_BATCH", 2)


def named(folder: Folder, *names: str) -> list[Item]:
    """Items with units, by their names."""
    return [UnitFactory.create(item__folder=folder, item__name=name).item for name in names]


def left(folder: Folder) -> set[str]:
    """Names of what lies in a folder."""
    return set(Item.objects.filter(folder=folder).values_list("name", flat=True))


def test_delete_selection__takes_what_was_named_and_nothing_else(
    birds: Folder, night: Folder, viewer: User, editor: User, actor_for: ActorFor
) -> None:
    owl, robin = named(birds, "owl", "robin")
    (wren,) = named(night, "wren")
    with pytest.raises(NotAllowed):
        delete_selection(actor=actor_for(viewer), selection=Selection(birds, (owl.pk,)))
    with pytest.raises(NotFound):
        # It lies in another folder.
        delete_selection(actor=actor_for(editor), selection=Selection(birds, (owl.pk, wren.pk)))

    changed = delete_selection(actor=actor_for(editor), selection=Selection(birds, (owl.pk,)))

    assert (changed.items, changed.job) == (1, None)
    assert (left(birds), left(night)) == ({"robin"}, {"wren"})
    assert Unit.objects.filter(item=robin).exists()


@pytest.mark.usefixtures("by_job")
@pytest.mark.parametrize(("search", "kept"), [("", set()), ("OW", {"robin", "wren"})])
def test_delete_selection__all_that_match_by_a_job(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor, search: str, kept: set[str]
) -> None:
    named(birds, "owl", "robin", "fowl", "tawny owl", "wren")
    named(night, "owl")

    changed = delete_selection(
        actor=actor_for(editor), selection=Selection(birds, None, search=search)
    )
    # What comes after the click is not meant.
    named(birds, "owlet")
    assert changed.job is not None
    assert changed.items == 5 - len(kept)
    (job,) = (job for job in run_jobs() if job.kind == bulk.BULK_JOB_KIND)

    assert (job.state, job.result) == (JobState.FINISHED, {"items": 5 - len(kept)})
    assert left(birds) == kept | {"owlet"}
    assert left(night) == {"owl"}


@pytest.mark.usefixtures("by_job")
@pytest.mark.parametrize("action", ["delete", "move", "edit"])
def test_change_items__leaves_older_items_that_come_while_it_waits(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor, action: str
) -> None:
    actor = actor_for(editor)
    add_key(actor=actor, name="wings", type=KeyType.NUMBER)
    moved, renamed = [*named(night, "old owl"), *named(birds, "wren")]
    (owl,) = named(birds, "owl")
    selection = Selection(birds, None, search="owl")
    if action == "delete":
        delete_selection(actor=actor, selection=selection)
    elif action == "move":
        move_selection(actor=actor, selection=selection, folder=night)
    else:
        edit_selection(actor=actor, selection=selection, metadata={"wings": 2})

    move_items(actor=actor, item_ids=[moved.pk], folder=birds)
    Item.objects.filter(pk=renamed.pk).update(name="owlet")
    run_jobs()

    # Both match by now, and are older than the click.
    for late in (moved, renamed):
        late.refresh_from_db()
        assert (late.folder, late.client_metadata) == (birds, {})
    reached = Item.objects.filter(pk=owl.pk).exclude(folder=birds, client_metadata={})
    assert reached.exists() != (action == "delete")
    assert not Item.objects.filter(pk=owl.pk, folder=birds, client_metadata={}).exists()


def test_delete_selection__hides_many_at_once(
    birds: Folder,
    night: Folder,
    viewer: User,
    editor: User,
    outsider: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "_ITEMS_AT_ONCE", 1)
    actor = actor_for(editor)
    whole, *_ = named(birds, "group", "owl", "robin")
    part = ItemFactory.create(folder=birds, parent=whole, position=0)
    UnitFactory.create(item=part)
    named(night, "owl")
    for person, refusal in ((outsider, NotAllowed), (viewer, NotAllowed)):
        with pytest.raises(refusal):
            delete_selection(actor=actor_for(person), selection=Selection(birds))

    changed = delete_selection(actor=actor, selection=Selection(birds))

    # Gone for everybody before any job has run; in no list, no count and no search.
    assert (changed.items, changed.hidden, changed.job) == (3, True, None)
    assert list(Item.objects.visible_to(actor).values_list("name", flat=True)) == ["owl"]
    assert Unit.objects.visible_to(actor).count() == 1
    assert not sees_whole_root(actor, birds.root)
    assert list(Folder.objects.visible_to(actor).filter(parent=birds)) == [night]
    assert Item.objects.count() == 5
    run_jobs()
    assert list(Item.objects.values_list("folder", flat=True)) == [night.pk]
    assert Unit.objects.count() == 1
    assert not Folder.everything.filter(deleted_at__isnull=False).exists()


def test_delete_folder__while_items_of_it_are_being_removed(
    birds: Folder, night: Folder, editor: User, admin: User, actor_for: ActorFor
) -> None:
    items = named(birds, "owl", "robin")
    hide_items(actor=actor_for(editor), folder=birds, item_ids=[item.pk for item in items])

    # A folder so small would go at once: its hidden items would lose their files unnoticed.
    assert delete_folder(actor=actor_for(admin), folder=birds) is not None
    run_jobs()

    assert not Folder.everything.filter(path__startswith=birds.path).exists()
    assert not Item.objects.filter(pk__in=[item.pk for item in items]).exists()


@pytest.mark.usefixtures("by_job")
def test_forget_ended__keeps_what_a_job_still_needs(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor
) -> None:
    named(birds, "a", "b", "c")
    actor = actor_for(editor)
    first = move_selection(actor=actor, selection=Selection(birds), folder=night).job
    move_selection(actor=actor, selection=Selection(birds), folder=night)
    assert first is not None
    request_cancel(job=first)
    assert forget_ended(bulk.BULK_JOB_KIND) == 0
    SelectedItems.objects.update(created_at=timezone.now() - timedelta(hours=2))

    assert forget_ended(bulk.BULK_JOB_KIND) == 2
    run_jobs()

    assert left(night) == {"a", "b", "c"}
    assert forget_ended(bulk.BULK_JOB_KIND) == 2


@pytest.mark.usefixtures("by_job")
def test_move_selection__by_a_job_keeps_what_somebody_took_away_meanwhile(
    birds: Folder, night: Folder, boats: Folder, editor: User, admin: User, actor_for: ActorFor
) -> None:
    items = named(birds, "a", "b", "c", "d", "e")
    selection = Selection(birds, tuple(item.pk for item in items))
    with pytest.raises(NotAllowed):
        move_selection(actor=actor_for(editor), selection=selection, folder=boats)
    move_selection(actor=actor_for(editor), selection=selection, folder=night)
    Item.objects.filter(name="b").delete()

    run_jobs()

    assert (left(birds), left(night)) == (set(), {"a", "c", "d", "e"})
    assert set(Unit.objects.values_list("folder", flat=True)) == {night.pk}


@pytest.mark.usefixtures("by_job")
def test_move_selection__that_was_cancelled_leaves_the_rest(
    birds: Folder,
    night: Folder,
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named(birds, "a", "b", "c", "d", "e")

    def stop(*args: object, **kwargs: object) -> None:
        raise JobCancelled

    move_selection(actor=actor_for(editor), selection=Selection(birds, None), folder=night)
    monkeypatch.setattr("core.jobs.run.JobRun.check", stop)
    run_jobs()

    assert len(left(night)) == 2
    assert len(left(birds)) == 3


@pytest.mark.usefixtures("by_job")
def test_move_selection__target_that_was_deleted_ends_the_job(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor
) -> None:
    named(birds, "a")
    move_selection(actor=actor_for(editor), selection=Selection(birds, None), folder=night)
    Folder.objects.filter(pk=night.pk).update(deleted_at=timezone.now())

    run_jobs()

    job = Job.objects.get(kind=bulk.BULK_JOB_KIND)
    assert job.state == JobState.FAILED
    assert "has been deleted" in job.error_message
    assert left(birds) == {"a"}


@pytest.mark.parametrize("by_a_job", [True, False])
def test_edit_selection__sets_and_clears_and_leaves_the_rest(
    birds: Folder,
    viewer: User,
    editor: User,
    actor_for: ActorFor,
    request: pytest.FixtureRequest,
    *,
    by_a_job: bool,
) -> None:
    if by_a_job:
        request.getfixturevalue("by_job")
    actor = actor_for(editor)
    add_key(actor=actor, name="wings", type=KeyType.NUMBER)
    items = named(birds, "a", "b", "c")
    Item.objects.update(client_metadata={"wings": 1, "note": "old", "place": "here"})
    selection = Selection(birds, None)
    with pytest.raises(NotAllowed):
        edit_selection(actor=actor_for(viewer), selection=selection, metadata={"wings": 2})
    with pytest.raises(InvalidInput) as refusal:
        edit_selection(actor=actor, selection=selection, metadata={"wings": "two", "note": "x"})
    assert [wrong.path for wrong in refusal.value.errors] == ["metadata.wings"]
    with pytest.raises(InvalidInput):
        edit_selection(actor=actor, selection=selection, metadata={})

    edit_selection(actor=actor, selection=selection, metadata={"wings": 2, "note": None})
    run_jobs()

    for item in items:
        item.refresh_from_db()
        assert item.client_metadata == {"wings": 2, "note": None, "place": "here"}
        assert Unit.objects.get(item=item).metadata["wings"] == 2


def test_check_selection__refuses_what_cannot_be_meant(birds: Folder) -> None:
    with pytest.raises(InvalidInput):
        check_selection(Selection(birds, ()))
    with pytest.raises(InvalidInput):
        check_selection(Selection(birds, tuple(uuid4() for _ in range(MAX_NAMED_ITEMS + 1))))
    with pytest.raises(InvalidInput):
        check_selection(Selection(birds, None, state="broken"))
    with pytest.raises(NotFound):
        check_selection(Selection(birds, (uuid4(),)))


def test_selection__is_stored_and_read_back_and_counts_no_parts(birds: Folder) -> None:
    (whole,) = named(birds, "group")
    ItemFactory.create(folder=birds, parent=whole, position=0)
    ItemFactory.create(folder=birds, name="broken", state=ItemState.FAILED)

    for selection in (
        Selection(birds, (whole.pk,)),
        Selection(birds, None, "gr", ""),
        Selection(birds, None, "", ItemState.FAILED),
    ):
        assert Selection.from_json(birds, selection.to_json()) == selection
        assert selection.count().number == 1
    assert Selection(birds, None).count().number == 2


def test_delete_selection__of_nothing_says_so(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotFound):
        delete_selection(actor=actor_for(editor), selection=Selection(birds, None, search="x"))


@pytest.mark.usefixtures("by_job")
@pytest.mark.parametrize("administers", [False, True])
def test_delete_selection__stops_when_its_person_is_removed_in_the_middle(
    birds: Folder,
    editor: User,
    admin: User,
    folder_admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
    administers: bool,
) -> None:
    """Neither a grant nor an office, both looked at when the job began, outlives him."""
    person = folder_admin if administers else editor
    membership = Membership.objects.select_related("user", "organisation").get(user=person)
    if administers:
        membership.role = OrganisationRole.ADMIN
        membership.save()
    named(birds, "a", "b", "c", "d", "e")
    delete_selection(actor=actor_for(person), selection=Selection(birds))
    change = bulk._change_batch

    def remove_after_the_first_batch(*arguments: Any) -> int:
        changed = change(*arguments)
        if len(left(birds)) == 3:
            remove_member(actor=actor_for(admin), membership=membership)
        return changed

    monkeypatch.setattr(bulk, "_change_batch", remove_after_the_first_batch)
    (job,) = (job for job in run_jobs() if job.kind == bulk.BULK_JOB_KIND)

    assert job.state == JobState.FAILED
    assert job.error_code == "not_allowed"
    assert "Birds" in job.error_message
    assert left(birds) == {"c", "d", "e"}
