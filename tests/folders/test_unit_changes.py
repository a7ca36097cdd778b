"""Changes of many units: at once, and by a job; frames and parts with their wholes."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, User
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.models import Job, JobState
from folders.choices import ItemKind, KeyType, UnitKind
from folders.counts import units_below
from folders.models import Folder, Item, SelectedUnits, Unit
from folders.permissions import sees_whole_root
from folders.services import unit_changes
from folders.services.deletion import delete_folder
from folders.services.groups import group_items
from folders.services.removal import resume_removals
from folders.services.schema import add_key
from folders.services.selected_units import forget_ended_units
from folders.services.unit_changes import (
    delete_selected,
    edit_selected,
    move_selected,
    restore_deleted,
)
from folders.unit_selections import UnitSelection, unit_contents
from tests.factories import FolderFactory, UnitFactory
from tests.folders.framed import make_video
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def by_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done within the request; batches are of two."""
    monkeypatch.setattr(unit_changes, "_AT_ONCE", 0)
    monkeypatch.setattr(unit_changes, "_BATCHES", {"delete": 2, "move": 2, "edit": 2})


@pytest.fixture
def wings(editor: User, actor_for: ActorFor) -> str:
    """A key of numbers."""
    return add_key(actor=actor_for(editor), name="wings", type=KeyType.NUMBER).name


def named(folder: Folder, *names: str) -> list[Unit]:
    """Units of images by their names."""
    return [UnitFactory.create(item__folder=folder, item__name=name) for name in names]


def selected(root: Folder, units: list[Unit]) -> UnitSelection:
    """Those units as somebody selects them."""
    return UnitSelection(root, Unit.objects.filter(pk__in=[unit.pk for unit in units]))


def everything(root: Folder) -> UnitSelection:
    """All that match no filter."""
    return UnitSelection(root, Unit.objects.filter(root=root))


def filmed(folder: Folder, *frames: int) -> list[Unit]:
    """The unit of a video, then those of frames of it."""
    item = make_video(folder)
    whole = Unit.objects.get(item=item)
    return [
        whole,
        *(
            UnitFactory.create(item=item, kind=UnitKind.FRAME, frame=frame, timestamp=frame / 10)
            for frame in frames
        ),
    ]


def grouped(actor: Actor, folder: Folder) -> tuple[Unit, list[Unit]]:
    """The unit of a group, and those of its two images."""
    parts = named(folder, "left", "right")
    items = [unit.item for unit in parts]
    whole = group_items(
        actor=actor, folder=folder, items=items, kind=ItemKind.IMAGE_GROUP, name="Both"
    )
    return Unit.objects.get(item=whole), parts


def values_of(units: list[Unit]) -> list[object]:
    """The metadata of units under `wings`, as it is now."""
    return [Unit.objects.get(pk=unit.pk).metadata.get("wings") for unit in units]


def test_edit__reaches_subfolders_frames_and_nothing_else(
    birds: Folder, night: Folder, viewer: User, editor: User, actor_for: ActorFor, wings: str
) -> None:
    (owl, robin), (wren,) = named(birds, "owl", "robin"), named(night, "wren")
    video, first, second = filmed(night, 3, 7)
    chosen = selected(birds, [owl, wren, second])
    with pytest.raises(NotAllowed):
        edit_selected(actor=actor_for(viewer), selection=chosen, metadata={wings: 2})

    changed = edit_selected(actor=actor_for(editor), selection=chosen, metadata={wings: 2})

    assert (changed.count, changed.job) == (3, None)
    assert values_of([owl, wren, second]) == [2, 2, 2]
    assert values_of([robin, video, first]) == [None, None, None]
    # It is a key frame now, which stays whatever the sampling rate.
    assert [Unit.objects.get(pk=one.pk).is_key_frame for one in (first, second)] == [False, True]


def test_edit__of_a_frame_keeps_what_else_it_holds(
    birds: Folder, editor: User, actor_for: ActorFor, wings: str
) -> None:
    actor = actor_for(editor)
    add_key(actor=actor, name="tail", type=KeyType.NUMBER)
    video, frame = filmed(birds, 3)
    both = selected(birds, [video, frame])

    edit_selected(actor=actor, selection=both, metadata={wings: 1, "tail": 2})
    edit_selected(actor=actor, selection=both, metadata={wings: None})

    for unit in (video, frame):
        unit.refresh_from_db()
        assert (unit.metadata.get("wings"), unit.metadata["tail"]) == (None, 2)


def test_edit__refuses_wrong_values_and_changes_none(
    birds: Folder, editor: User, actor_for: ActorFor, wings: str
) -> None:
    units = named(birds, "owl")
    with pytest.raises(InvalidInput) as caught:
        edit_selected(
            actor=actor_for(editor), selection=selected(birds, units), metadata={wings: "two"}
        )

    assert [wrong.path for wrong in caught.value.errors] == ["metadata.wings"]
    assert values_of(units) == [None]
    with pytest.raises(NotFound):
        edit_selected(actor=actor_for(editor), selection=selected(birds, []), metadata={wings: 2})


@pytest.mark.usefixtures("by_job")
def test_edit__by_a_job_takes_exactly_what_was_selected(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor, wings: str
) -> None:
    units = [*named(birds, "owl", "robin", "wren"), *named(night, "tit"), *filmed(birds, 3)]

    changed = edit_selected(
        actor=actor_for(editor), selection=everything(birds), metadata={wings: 2}
    )
    late = named(birds, "late")
    Item.objects.filter(name="robin").delete()
    assert changed.job is not None
    assert (changed.count, changed.job.title) == (
        6,
        "Changing the metadata of 6 units of Birds",
    )
    (job,) = (job for job in run_jobs() if job.kind == unit_changes.UNITS_JOB_KIND)

    assert (job.state, job.result) == (JobState.FINISHED, {"changed": 5})
    assert (job.done, job.total) == (6, 6)
    assert values_of([units[0], *units[2:]]) == [2] * 5
    assert values_of(late) == [None]


@pytest.mark.usefixtures("by_job")
def test_edit__by_a_job_tells_of_frames_that_cannot_be_changed(
    birds: Folder, editor: User, actor_for: ActorFor, wings: str
) -> None:
    (owl,) = named(birds, "owl")
    video, frame = filmed(birds, 3)
    # Nothing is known of it any more, and its file cannot be fetched.
    Item.objects.filter(pk=video.item_id).update(measures_given=False, object_url="")

    edit_selected(actor=actor_for(editor), selection=everything(birds), metadata={wings: 2})
    (job,) = (job for job in run_jobs() if job.kind == unit_changes.UNITS_JOB_KIND)

    assert (job.state, job.result["changed"], job.result["refused"]) == (JobState.FINISHED, 2, 1)
    assert str(frame.pk) in job.result["reasons"][0]
    assert values_of([owl, video, frame]) == [2, 2, None]


@pytest.mark.usefixtures("by_job")
def test_job__stops_where_the_role_was_lost(
    birds: Folder, editor: User, actor_for: ActorFor, wings: str
) -> None:
    units = named(birds, "owl", "robin")
    edit_selected(actor=actor_for(editor), selection=everything(birds), metadata={wings: 2})
    editor.folder_grants.all().delete()

    (job,) = (job for job in run_jobs() if job.kind == unit_changes.UNITS_JOB_KIND)

    assert job.state == JobState.FAILED
    assert values_of(units) == [None, None]


def test_move__takes_wholes_along_and_leaves_others(
    birds: Folder, night: Folder, viewer: User, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    dusk: Folder = FolderFactory.create(parent=birds, name="Dusk")
    owl, robin = named(birds, "owl", "robin")
    video, frame, _ = filmed(night, 3, 7)
    group, (left, right) = grouped(actor, birds)
    chosen = selected(birds, [owl, frame, left])
    assert chosen.count_wholes() == 3
    with pytest.raises(NotAllowed):
        move_selected(actor=actor_for(viewer), selection=chosen, folder=dusk)

    changed = move_selected(actor=actor, selection=chosen, folder=dusk)

    assert changed.count == 3
    moved = {owl.pk, video.pk, frame.pk, group.pk, left.pk, right.pk}
    assert set(Unit.objects.filter(folder=dusk).values_list("pk", flat=True)) >= moved
    robin.refresh_from_db()
    assert robin.folder == birds
    assert set(Item.objects.filter(folder=dusk, parent=None).values_list("pk", flat=True)) == {
        owl.item_id,
        video.item_id,
        group.item_id,
    }


@pytest.mark.usefixtures("by_job")
def test_move__to_another_root_by_a_job(
    birds: Folder, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    owl, robin, wren = named(birds, "owl", "robin", "wren")
    video, *frames = filmed(birds, 3, 7)

    chosen = selected(birds, [owl, robin, *frames])
    move_selected(actor=actor_for(admin), selection=chosen, folder=boats)
    (job,) = (job for job in run_jobs() if job.kind == unit_changes.UNITS_JOB_KIND)

    assert job.state == JobState.FINISHED
    assert job.result["changed"] == 3
    moved = {owl.pk, robin.pk, video.pk, *(frame.pk for frame in frames)}
    assert set(Unit.objects.filter(root=boats).values_list("pk", flat=True)) == moved
    wren.refresh_from_db()
    assert wren.root == birds


def test_delete__takes_wholes_from_several_folders_and_leaves_frames(
    birds: Folder, night: Folder, viewer: User, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    (owl, robin), (wren,) = named(birds, "owl", "robin"), named(night, "wren")
    gone, gone_frame = filmed(night, 3)
    kept, kept_frame = filmed(birds, 5)
    _, (left, right) = grouped(actor, birds)
    chosen = selected(birds, [owl, wren, gone, kept_frame, left])
    with pytest.raises(NotAllowed):
        delete_selected(actor=actor_for(viewer), selection=chosen)

    contents = unit_contents(chosen)
    changed = delete_selected(actor=actor, selection=chosen)

    assert contents.kinds == [("image", 2), ("video", 1)]
    assert (contents.frames, contents.parts, contents.wholes) == (1, 1, 3)
    assert changed.count == 3
    # Gone for everybody at once, and in the end altogether.
    seen = set(Unit.objects.visible_to(actor).values_list("pk", flat=True))
    assert not seen & {owl.pk, wren.pk, gone.pk, gone_frame.pk}
    assert seen >= {robin.pk, kept.pk, kept_frame.pk, left.pk, right.pk}
    assert resume_removals() == 0
    Folder.everything.filter(deleted_at__gt=timezone.now()).update(deleted_at=timezone.now())
    assert resume_removals() == 2
    run_jobs()
    assert not Unit.objects.filter(pk__in=[owl.pk, wren.pk, gone.pk, gone_frame.pk]).exists()
    assert Unit.objects.filter(pk__in=seen).count() == len(seen)


def test_restore__brings_back_what_was_deleted_just_now(
    birds: Folder, night: Folder, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    (owl,), (wren,) = named(birds, "owl"), named(night, "wren")
    video, frame = filmed(night, 3)
    before = list(Unit.objects.order_by("pk").values())
    changed = delete_selected(actor=actor, selection=selected(birds, [owl, wren, video]))
    assert len(changed.aside) == 2
    assert not Unit.objects.visible_to(actor).exists()
    with pytest.raises(Conflict):
        # Somebody else's second thoughts do not count.
        restore_deleted(actor=actor_for(folder_admin), aside=changed.aside)

    assert restore_deleted(actor=actor, aside=changed.aside) == 3

    assert list(Unit.objects.order_by("pk").values()) == before
    assert set(Unit.objects.visible_to(actor)) == {owl, wren, video, frame}
    assert sees_whole_root(actor, birds)
    assert units_below([birds])[birds.pk] == 4
    with pytest.raises(Conflict):
        restore_deleted(actor=actor, aside=changed.aside)


def test_restore__comes_too_late_after_a_minute(
    birds: Folder, night: Folder, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    units = [*named(birds, "owl"), *named(night, "wren")]
    changed = delete_selected(actor=actor, selection=selected(birds, units))
    late = Folder.everything.get(parent=birds, pk__in=changed.aside)
    Folder.everything.filter(pk=late.pk).update(deleted_at=timezone.now())
    delete_folder(actor=actor_for(folder_admin), folder=night)

    for name in changed.aside:
        with pytest.raises((Conflict, NotFound)):
            restore_deleted(actor=actor, aside=[name])
    run_jobs()
    assert Unit.objects.visible_to(actor).count() == 0


def test_delete__of_frames_alone_is_refused(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    video, frame = filmed(birds, 3)

    with pytest.raises(Conflict) as caught:
        delete_selected(actor=actor_for(editor), selection=selected(birds, [frame]))

    assert caught.value.code == "part_of_a_whole"
    assert Unit.objects.filter(pk__in=[video.pk, frame.pk]).count() == 2


@pytest.mark.usefixtures("by_job")
def test_delete__by_a_job(birds: Folder, night: Folder, editor: User, actor_for: ActorFor) -> None:
    units = [*named(birds, "owl", "robin", "wren"), *named(night, "tit")]

    delete_selected(actor=actor_for(editor), selection=everything(birds))
    (late,) = named(birds, "late")
    jobs = run_jobs()

    (job,) = (job for job in jobs if job.kind == unit_changes.UNITS_JOB_KIND)
    assert (job.state, job.result) == (JobState.FINISHED, {"changed": len(units)})
    assert list(Unit.objects.values_list("pk", flat=True)) == [late.pk]


@pytest.mark.usefixtures("by_job")
def test_selections__are_forgotten_when_their_job_has_ended(
    birds: Folder, editor: User, actor_for: ActorFor, wings: str
) -> None:
    named(birds, "owl", "robin", "wren")
    edit_selected(actor=actor_for(editor), selection=everything(birds), metadata={wings: 2})
    SelectedUnits.objects.update(created_at="2020-01-01T00:00:00Z")

    assert forget_ended_units(unit_changes.UNITS_JOB_KIND) == 0
    Job.objects.update(state=JobState.FINISHED)
    assert forget_ended_units(unit_changes.UNITS_JOB_KIND) == 2
    assert not SelectedUnits.objects.exists()


def test_change__of_who_has_left_does_nothing(
    birds: Folder, editor: User, actor_for: ActorFor, wings: str
) -> None:
    units = named(birds, "owl")
    Membership.objects.filter(user=editor).update(role=OrganisationRole.MEMBER)
    actor = actor_for(editor)
    editor.is_active = False
    editor.save()

    with pytest.raises(NotAllowed):
        edit_selected(
            actor=Actor(user=editor, organisation=actor.organisation),
            selection=selected(birds, units),
            metadata={wings: 2},
        )
    assert values_of(units) == [None]
