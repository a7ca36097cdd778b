"""Saving the upgrade of a root folder: who may, what it starts, what it leaves alone."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from core.models import AuditEvent, Job, JobState
from embeddings.choices import ReductionState
from embeddings.models import Reduction, ReductionPoint, UpgradeKey
from embeddings.services.placement import request_placement
from embeddings.services.upgrades import UpgradeChoice, get_upgrade, save_upgrade
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put
from tests.factories import EmbeddingKeyFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    """An embedding key with vectors on three units of Birds."""
    made = make_key(birds)
    put(made, {unit: (1.0, n, 0.0) for n, unit in enumerate(make_units(birds, 3))})
    return made


def save(actor: Actor, root: Folder, *choices: UpgradeChoice, **options: Any) -> list[Job]:
    return save_upgrade(actor=actor, root=root, keys=choices, **options)


def mapped(key: MetadataKey, **parameters: Any) -> UpgradeChoice:
    return UpgradeChoice(key=key, reduce=True, parameters=parameters)


def test_save_upgrade__takes_an_editor_of_the_root(
    birds: Folder,
    key: MetadataKey,
    viewer: User,
    night_viewer: User,
    outsider: User,
    editor: User,
    actor_for: ActorFor,
) -> None:
    for user in (viewer, night_viewer, outsider):
        with pytest.raises(DomainError) as refused:
            save(actor_for(user), birds, mapped(key))
        assert isinstance(refused.value, NotAllowed)
    assert not UpgradeKey.objects.exists()
    assert not Job.objects.exists()

    (job,) = save(actor_for(editor), birds, mapped(key))

    assert (job.kind, job.queue, job.folder_id) == ("embeddings.reduce", "reductions", birds.pk)
    assert job.title == f"Reducing {key.name} in Birds"
    event = AuditEvent.objects.get(action="folder.upgraded")
    assert (event.target_id, event.actor) == (str(birds.pk), editor)


def test_save_upgrade__of_a_subfolder_is_refused_with_its_root(
    night: Folder, key: MetadataKey, folder_admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(Conflict, match="“Birds” covers all") as refused:
        save(actor_for(folder_admin), night, mapped(key))

    assert refused.value.code == "not_a_root_folder"


def test_save_upgrade__names_all_wrong_choices_together(
    birds: Folder, key: MetadataKey, outsider: User, editor: User, actor_for: ActorFor
) -> None:
    foreign: MetadataKey = EmbeddingKeyFactory.create()
    number: MetadataKey = EmbeddingKeyFactory.create(
        organisation=birds.organisation, type="number", dimensions=None
    )

    with pytest.raises(InvalidInput) as refused:
        save(
            actor_for(editor),
            birds,
            mapped(key, perplexity=1, speed=9),
            mapped(foreign),
            mapped(number),
            UpgradeChoice(key=key, method="umap"),
        )

    assert {error.path for error in refused.value.errors} == {
        "keys.0.parameters.perplexity",
        "keys.0.parameters.speed",
        "keys.1.key",
        "keys.2.key",
        "keys.3.key",
        "keys.3.method",
    }
    assert not UpgradeKey.objects.exists()


def test_save_upgrade__twice_starts_one_run(
    birds: Folder, key: MetadataKey, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    (first,) = save(actor_for(editor), birds, mapped(key))
    (second,) = save(actor_for(folder_admin), birds, mapped(key))

    assert first.pk == second.pk
    assert Reduction.objects.count() == Job.objects.count() == UpgradeKey.objects.count() == 1

    run_jobs()

    assert save(actor_for(editor), birds, mapped(key)) == []
    assert save(actor_for(editor), birds, mapped(key, perplexity=30)) == []
    assert Reduction.objects.count() == 1


def test_save_upgrade__with_other_parameters_replaces_the_run(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    (first,) = save(actor_for(editor), birds, mapped(key))
    (second,) = save(actor_for(editor), birds, mapped(key, seed=7))

    first.refresh_from_db()
    assert (first.state, second.state) == (JobState.CANCELLED, JobState.QUEUED)
    older, newer = Reduction.objects.select_related("job").order_by("version")
    assert (older.version, older.current_state) == (1, ReductionState.CANCELLED)
    assert (newer.version, newer.parameters["seed"]) == (2, 7)


def test_save_upgrade__leaves_vectors_that_came_later_to_placement(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    save(actor_for(editor), birds, mapped(key))
    run_jobs()
    put(key, dict.fromkeys(make_units(birds, 1), (0.0, 0.0, 1.0)))
    # Whether the placement has been carried out or not.
    assert save(actor_for(editor), birds, mapped(key)) == []
    request_placement((birds.pk, key.pk))
    run_jobs()
    assert save(actor_for(editor), birds, mapped(key)) == []

    (only,) = Reduction.objects.all()
    assert (only.version, only.point_count) == (1, 4)
    assert len(save(actor_for(editor), birds, mapped(key, seed=9))) == 1


def test_save_upgrade__computes_a_map_whose_first_units_are_all_gone(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    save(actor_for(editor), birds, mapped(key))
    run_jobs()
    Unit.objects.all().delete()
    put(key, {unit: (1.0, n, 0.0) for n, unit in enumerate(make_units(birds, 3))})

    assert len(save(actor_for(editor), birds, mapped(key))) == 1


def test_save_upgrade__without_vectors_keeps_the_wish_and_starts_nothing(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    empty = make_key(birds)

    assert save(actor_for(editor), birds, mapped(empty)) == []

    (row,) = get_upgrade(actor_for(editor), birds).rows
    assert (row.reduce, row.state, row.with_vector) == (True, "empty", 0)


def test_save_upgrade__after_a_cancelled_run_starts_another(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    (first,) = save(actor_for(editor), birds, mapped(key))
    Job.objects.filter(pk=first.pk).update(state=JobState.CANCELLED)

    (second,) = save(actor_for(editor), birds, mapped(key))

    assert second.pk != first.pk


def test_save_upgrade__without_reduction_ends_the_run_and_keeps_the_map(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    save(actor_for(editor), birds, mapped(key))
    run_jobs()
    (running,) = save(actor_for(editor), birds, mapped(key, seed=3))

    assert save(actor_for(editor), birds, UpgradeChoice(key=key)) == []

    running.refresh_from_db()
    assert running.state == JobState.CANCELLED
    (row,) = get_upgrade(actor_for(editor), birds).rows
    assert row.state == "off"
    assert row.map is not None
    assert row.map.version == 1


def test_save_upgrade__of_a_removed_key_deletes_maps_once_confirmed(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    save(actor_for(editor), birds, mapped(key))
    run_jobs()

    with pytest.raises(Conflict, match="Confirm that it is deleted") as refused:
        save(actor_for(editor), birds)
    assert refused.value.code == "maps_would_be_deleted"
    assert (UpgradeKey.objects.count(), Reduction.objects.count()) == (1, 1)

    # A key whose reduction is asked for keeps its maps, whatever is said beside.
    save(actor_for(editor), birds, mapped(key), delete_maps_of=[key.pk])
    assert Reduction.objects.count() == 1

    save(actor_for(editor), birds, delete_maps_of=[key.pk])
    assert not UpgradeKey.objects.exists()
    assert not Reduction.objects.exists()
    assert not ReductionPoint.objects.exists()


def test_save_upgrade__keeps_the_order_of_keys(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    other = make_key(birds)

    save(actor_for(editor), birds, UpgradeChoice(key=other), UpgradeChoice(key=key))
    assert [row.key for row in get_upgrade(actor_for(editor), birds).rows] == [other, key]

    save(actor_for(editor), birds, UpgradeChoice(key=key), UpgradeChoice(key=other))
    assert [row.key for row in get_upgrade(actor_for(editor), birds).rows] == [key, other]


def test_get_upgrade__counts_what_the_actor_sees(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    editor: User,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    dark = make_units(night, 2)
    put(key, {dark[0]: (0.0, 0.0, 0.0)})
    save(actor_for(editor), birds, mapped(key))

    whole, part = (get_upgrade(actor_for(user), birds) for user in (editor, night_viewer))

    assert (whole.unit_count, part.unit_count) == (5, 2)
    assert (whole.rows[0].with_vector, whole.rows[0].zero) == (4, 1)
    assert (part.rows[0].with_vector, part.rows[0].zero) == (1, 1)
    assert (whole.can_edit, part.can_edit) == (True, False)
    assert whole.is_processing
    assert whole.rows[0].state == "waiting"


def test_get_upgrade__offers_keys_that_are_not_in_it(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    other = make_key(birds)
    make_key(birds).delete()
    EmbeddingKeyFactory.create()
    save(actor_for(editor), birds, UpgradeChoice(key=key))

    assert get_upgrade(actor_for(editor), birds).available == [other]


def test_get_upgrade__forgets_a_deleted_key_until_it_is_restored(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    save(actor_for(editor), birds, mapped(key))
    MetadataKey.objects.filter(pk=key.pk).update(deleted_at=key.created_at)

    assert get_upgrade(actor_for(editor), birds).rows == []
    save(actor_for(editor), birds)
    MetadataKey.objects.filter(pk=key.pk).update(deleted_at=None)

    assert [row.key for row in get_upgrade(actor_for(editor), birds).rows] == [key]


def test_get_upgrade__estimates_from_the_last_run_of_the_method(
    birds: Folder, boats: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    save(actor_for(editor), birds, mapped(key))
    assert get_upgrade(actor_for(editor), birds).rows[0].estimate is None

    Reduction.objects.create(
        root=boats, key=key, version=1, method="tsne", state="ready", point_count=300, seconds=12
    )

    assert get_upgrade(actor_for(editor), birds).rows[0].estimate == pytest.approx(0.12)


def test_save_upgrade__does_not_count_on_a_run_that_was_cancelled(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    (first,) = save(actor_for(editor), birds, mapped(key))
    Job.objects.filter(pk=first.pk).update(state=JobState.RUNNING)
    # The wish to end it is noted, but the run has not heard of it yet.
    assert save(actor_for(editor), birds, UpgradeChoice(key=key)) == []

    (second,) = save(actor_for(editor), birds, mapped(key))

    assert second.pk != first.pk
    assert second.state == JobState.QUEUED


def test_get_upgrade__the_jobs_counts_are_for_who_sees_all(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    viewer: User,
    editor: User,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    (job,) = save(actor_for(editor), birds, mapped(key))
    Job.objects.filter(pk=job.pk).update(result={"points": 3})

    results = [
        row.job.result
        for user in (night_viewer, viewer)
        for row in get_upgrade(actor_for(user), birds).rows
        if row.job
    ]

    assert results == [{}, {"points": 3}]
