"""Adding units to collections and removing them."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from collections_app.matching import Matching
from collections_app.models import Collection, CollectionUnit
from collections_app.services import matching as matching_service
from collections_app.services.collect import collect
from collections_app.services.collections import create_collection
from collections_app.services.matching import add_matching, remove_matching
from collections_app.services.members import Change, add_units, remove_units
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import AuditEvent, Job
from folders.choices import FolderRole
from folders.models import Folder, Unit
from folders.querysets import UnitQuerySet
from tests.factories import FolderGrantFactory, UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
NIGHT = {"field": "name", "op": "contains", "value": "night"}


def members(collection: Collection) -> set[str]:
    """Names of the collection's units."""
    return set(
        Unit.objects.filter(collection_members__collection=collection).values_list(
            "item__name", flat=True
        )
    )


def test_add__takes_an_editor(
    singers: Collection, birds_units: list[Unit], viewer: User, editor: User, actor_for: ActorFor
) -> None:
    ids = [unit.pk for unit in birds_units[:2]]
    with pytest.raises(NotAllowed):
        add_units(actor=actor_for(viewer), collection=singers, units=ids)

    change = add_units(actor=actor_for(editor), collection=singers, units=ids)

    assert change == Change(changed=2, unchanged=0)
    assert members(singers) == {"robin.png", "wren.png"}
    assert set(CollectionUnit.objects.values_list("added_by", flat=True)) == {editor.pk}


def test_add__counts_members_once(
    singers: Collection, birds_units: list[Unit], editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    add_units(actor=actor, collection=singers, units=[birds_units[0].pk])

    again = add_units(
        actor=actor, collection=singers, units=[birds_units[0].pk, birds_units[1].pk] * 2
    )
    nothing = add_units(actor=actor, collection=singers, units=[birds_units[0].pk])

    assert again == Change(changed=1, unchanged=1)
    assert nothing == Change(changed=0, unchanged=1)
    singers.refresh_from_db()
    assert [step["units"] for step in singers.recipe] == [1, 1]


def test_add__leaves_out_other_roots_and_what_is_hidden(
    singers: Collection,
    birds_units: list[Unit],
    boats: Folder,
    night: Folder,
    night_viewer: User,
    admin: User,
    actor_for: ActorFor,
) -> None:
    night_viewer.folder_grants.update(role=FolderRole.EDITOR)
    boat = UnitFactory.create(item__folder=boats)
    everything = [unit.pk for unit in birds_units] + [boat.pk, 10**15]

    add_units(actor=actor_for(night_viewer), collection=singers, units=everything)
    assert members(singers) == {"owl.png", "nightjar.png"}

    change = add_units(actor=actor_for(admin), collection=singers, units=everything)
    assert change == Change(changed=3, unchanged=2)


def test_add__nothing_is_no_step(
    singers: Collection, editor: User, birds: Folder, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)

    nothing: list[UnitQuerySet | list[int]] = [[], Unit.objects.none()]
    for units in nothing:
        assert add_units(actor=actor, collection=singers, units=units) == Change(0, 0)

    singers.refresh_from_db()
    assert singers.recipe == []


def test_add__refuses_a_list_without_end(
    singers: Collection, editor: User, actor_for: ActorFor
) -> None:
    with pytest.raises(InvalidInput):
        add_units(actor=actor_for(editor), collection=singers, units=range(100_001))


def test_remove__takes_an_editor_and_only_what_he_sees(
    singers: Collection,
    birds_units: list[Unit],
    viewer: User,
    night_viewer: User,
    admin: User,
    actor_for: ActorFor,
) -> None:
    ids = [unit.pk for unit in birds_units]
    add_units(actor=actor_for(admin), collection=singers, units=ids)
    with pytest.raises(NotAllowed):
        remove_units(actor=actor_for(viewer), collection=singers, units=ids)

    night_viewer.folder_grants.update(role=FolderRole.EDITOR)
    change = remove_units(actor=actor_for(night_viewer), collection=singers, units=ids)

    assert change == Change(changed=2, unchanged=0)
    assert members(singers) == {"robin.png", "wren.png", "gull.png"}
    assert Unit.objects.count() == 5
    singers.refresh_from_db()
    assert [step["action"] for step in singers.recipe] == ["added", "removed"]
    assert AuditEvent.objects.filter(action="collection.units_removed").count() == 1


def test_matching__small_at_once_with_its_filter_in_the_recipe(
    singers: Collection, birds_units: list[Unit], editor: User, actor_for: ActorFor
) -> None:
    done = add_matching(
        actor=actor_for(editor), collection=singers, matching=Matching(filter={"all": [NIGHT]})
    )

    assert done == Change(changed=1, unchanged=0)
    assert members(singers) == {"nightjar.png"}
    singers.refresh_from_db()
    assert singers.recipe[0]["filter"] == {"all": [NIGHT]}


def test_matching__large_by_a_worker_in_batches(
    singers: Collection,
    birds_units: list[Unit],
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching_service, "MAX_UNITS_IN_REQUEST", 1)
    monkeypatch.setattr(matching_service, "UNITS_PER_BATCH", 2)
    actor = actor_for(editor)
    add_units(actor=actor, collection=singers, units=[birds_units[0].pk])

    job = add_matching(actor=actor, collection=singers, matching=Matching())
    assert isinstance(job, Job)
    assert job.folder_id == singers.root_id
    assert len(members(singers)) == 1
    [ended] = run_jobs()

    assert (ended.state, ended.result) == ("finished", {"added": 4})
    assert len(members(singers)) == 5
    singers.refresh_from_db()
    assert [step["units"] for step in singers.recipe] == [1, 4]


def test_matching__a_worker_that_starts_again_adds_one_step(
    singers: Collection,
    birds_units: list[Unit],
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching_service, "MAX_UNITS_IN_REQUEST", 1)
    job = add_matching(actor=actor_for(editor), collection=singers, matching=Matching())
    assert isinstance(job, Job)
    run_jobs()

    # As after a kill between the last step and the end of the job.
    Job.objects.filter(pk=job.pk).update(state="queued")
    run_jobs()

    singers.refresh_from_db()
    assert [step["units"] for step in singers.recipe] == [5]


def test_matching__the_worker_sees_what_the_person_sees_by_then(
    singers: Collection,
    birds_units: list[Unit],
    night: Folder,
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching_service, "MAX_UNITS_IN_REQUEST", 1)
    add_matching(actor=actor_for(editor), collection=singers, matching=Matching())
    editor.folder_grants.all().delete()
    FolderGrantFactory.create(folder=night, user=editor, role=FolderRole.EDITOR)

    run_jobs()

    assert members(singers) == {"owl.png", "nightjar.png"}


def test_collect__makes_the_collection_or_nothing(
    birds: Folder, birds_units: list[Unit], editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    with pytest.raises(InvalidInput):
        collect(
            actor=actor,
            root=birds,
            name="New",
            matching=Matching(filter={"field": "nonsense", "op": "eq", "value": 1}),
        )
    assert not Collection.objects.exists()

    done = collect(actor=actor, root=birds, name="New", units=[birds_units[0].pk])

    assert members(done.collection) == {"robin.png"}
    with pytest.raises(Conflict):
        collect(actor=actor, root=birds, name="new", units=[])


def test_collect__not_into_a_collection_of_another_root(
    birds: Folder, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(admin)
    fleet = create_collection(actor=actor, root=boats, name="Fleet")

    with pytest.raises(InvalidInput):
        collect(actor=actor, root=birds, collection_id=fleet.pk, units=[])


def test_matching__a_cancelled_job_tells_of_what_it_added(
    singers: Collection,
    birds_units: list[Unit],
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching_service, "MAX_UNITS_IN_REQUEST", 1)
    monkeypatch.setattr(matching_service, "UNITS_PER_BATCH", 2)
    job = add_matching(actor=actor_for(editor), collection=singers, matching=Matching())
    assert isinstance(job, Job)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    # Every progress is saved, and so learns of the wish at once.
    monkeypatch.setattr("core.jobs.run.SAVE_INTERVAL_SECONDS", 0.0)

    run_jobs()

    job.refresh_from_db()
    singers.refresh_from_db()
    assert (job.state, len(members(singers))) == ("cancelled", 2)
    assert [step["units"] for step in singers.recipe] == [2]


def test_remove_matching__takes_out_what_matches_at_once_or_by_a_job(
    singers: Collection,
    birds_units: list[Unit],
    editor: User,
    viewer: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actor = actor_for(editor)
    add_units(actor=actor, collection=singers, units=[unit.pk for unit in birds_units])
    with pytest.raises(NotAllowed):
        remove_matching(actor=actor_for(viewer), collection=singers, matching=Matching(NIGHT))

    done = remove_matching(actor=actor, collection=singers, matching=Matching(NIGHT))

    assert done == Change(changed=1, unchanged=0)
    assert members(singers) == {"robin.png", "wren.png", "gull.png", "owl.png"}
    monkeypatch.setattr(matching_service, "MAX_UNITS_IN_REQUEST", 2)
    monkeypatch.setattr(matching_service, "UNITS_PER_BATCH", 1)

    job = remove_matching(actor=actor, collection=singers, matching=Matching())

    assert isinstance(job, Job)
    assert [ended.result for ended in run_jobs()] == [{"removed": 4}]
    assert members(singers) == set()
    singers.refresh_from_db()
    assert [step["units"] for step in singers.recipe if step["action"] == "removed"] == [1, 4]
