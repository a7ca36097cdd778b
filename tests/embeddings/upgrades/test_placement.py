"""Finished maps that grow, shrink and change with their vector set."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db.models import F

from accounts.actor import Actor
from accounts.models import User
from core.models import Job, JobState
from embeddings.choices import Placement
from embeddings.maps.access import view_map
from embeddings.maps.coverage import map_coverage
from embeddings.models import Reduction, ReductionPoint, VectorChange, VectorSet
from embeddings.reductions import placing, reduce_vectors
from embeddings.services import placement
from embeddings.services.placement import PLACE, carry_out_placement, request_placement
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from embeddings.services.vectors import delete_vectors, forget_units, write_vectors
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
Capture = Any

GROUPS = np.array([[9, 0, 0], [0, 9, 0], [0, 0, 9]], dtype=np.float32)


def around(group: int, count: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(scale=0.3, size=(count, 3))
    vectors: np.ndarray = (GROUPS[group] + noise).astype(np.float32)
    return vectors


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds)


@pytest.fixture
def reduction(birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor) -> Reduction:
    """A finished map of three groups of twenty."""
    units = make_units(birds, 60)
    write_vectors(
        key=key,
        unit_ids=np.array(units, dtype=np.int64),
        values=np.concatenate([around(group, 20, group) for group in range(3)]),
    )
    save_upgrade(actor=actor_for(editor), root=birds, keys=[UpgradeChoice(key=key, reduce=True)])
    run_jobs()
    return Reduction.objects.get()


def rows(**lookups: Any) -> list[Any]:
    points = ReductionPoint.objects.filter(**lookups).order_by("ordinal")
    return list(points.values_list("unit", "ordinal", "x", "y", "placement"))


def up_to_date(capture: Capture, change: Callable[[], Any]) -> list[Job]:
    """Make a change and run what follows from its commit."""
    with capture(execute=True):
        change()
    return run_jobs()


def middles() -> np.ndarray:
    """Of the three groups on the map."""
    points = ReductionPoint.objects.filter(placement=Placement.LAYOUT).order_by("ordinal")
    places: np.ndarray = np.array(points.values_list("x", "y")).reshape(3, 20, 2)
    found: np.ndarray = places.mean(axis=1)
    return found


def test_place__new_vectors_beside_their_like_without_moving_a_bit(
    reduction: Reduction,
    birds: Folder,
    key: MetadataKey,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    before, old_middles = rows(), middles()
    units = make_units(birds, 6)
    vectors = np.concatenate([around(group, 2, 7 + group) for group in range(3)])

    (job,) = up_to_date(
        django_capture_on_commit_callbacks,
        lambda: write_vectors(key=key, unit_ids=np.array(units, dtype=np.int64), values=vectors),
    )

    assert (job.kind, job.state, job.result) == (
        PLACE,
        JobState.FINISHED,
        {"placed": 6, "removed": 0},
    )
    assert rows(placement=Placement.LAYOUT) == before
    placed = ReductionPoint.objects.filter(placement=Placement.NEIGHBOURS).order_by("ordinal")
    assert list(placed.values_list("unit", "ordinal")) == [
        (unit, 60 + n) for n, unit in enumerate(units)
    ]
    for n, point in enumerate(placed):
        apart = np.linalg.norm(old_middles - [point.x, point.y], axis=1)
        assert apart.argmin() == n // 2
        assert point.neighbour_distance is not None
        assert 0 <= point.neighbour_distance < 0.01
    reduction.refresh_from_db()
    assert (reduction.point_count, reduction.segments) == (66, [60, 66])
    assert reduction.placed_revision is not None
    assert reduction.revision is not None
    assert reduction.placed_revision > reduction.revision


def test_place__changed_vectors_again_under_another_ordinal(
    reduction: Reduction,
    key: MetadataKey,
    editor: User,
    actor_for: ActorFor,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    before, mark = rows(), view_map(actor_for(editor), reduction.pk).mark
    target = middles()[2]
    unit = before[0][0]

    up_to_date(django_capture_on_commit_callbacks, lambda: put(key, {unit: tuple(GROUPS[2])}))

    after = rows()
    assert after[:-1] == before[1:]
    assert after[-1][:2] == (unit, 60)
    assert np.linalg.norm(np.array(after[-1][2:4]) - target) < 10
    assert view_map(actor_for(editor), reduction.pk).mark != mark


def test_place__takes_off_what_lost_its_vector_or_became_zero(
    reduction: Reduction,
    key: MetadataKey,
    editor: User,
    actor_for: ActorFor,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    before = rows()
    first, second, third = (row[0] for row in before[:3])

    def change() -> None:
        delete_vectors(key=key, unit_ids=[first])
        put(key, {second: (0, 0, 0)})
        forget_units([third])
        Unit.objects.filter(pk=third).delete()

    up_to_date(django_capture_on_commit_callbacks, change)

    assert rows() == before[3:]
    reduction.refresh_from_db()
    assert (reduction.point_count, reduction.left_out) == (57, 1)
    coverage = map_coverage(actor_for(editor), reduction)
    assert (coverage.no_vector, coverage.zero, coverage.unplaced) == (1, 1, 0)


def test_place__follows_units_that_come_from_and_go_to_another_root(
    reduction: Reduction,
    birds: Folder,
    boats: Folder,
    key: MetadataKey,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    from embeddings.services.vectors import move_vectors

    (strange,) = make_units(boats, 1)
    put(key, {strange: (0, 9, 0)})

    def come() -> None:
        Unit.objects.filter(pk=strange).update(root=birds, folder=birds)
        move_vectors([strange], boats.pk, birds.pk)

    up_to_date(django_capture_on_commit_callbacks, come)

    assert rows(unit=strange)[0][1] == 60


def test_place__commits_wait_for_one_job_and_none_is_missed(
    reduction: Reduction,
    birds: Folder,
    key: MetadataKey,
    django_capture_on_commit_callbacks: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = make_units(birds, 3)
    with django_capture_on_commit_callbacks(execute=True):
        put(key, {first: (9, 0, 0)})
    with django_capture_on_commit_callbacks(execute=True):
        put(key, {second: (0, 9, 0)})
    assert Job.objects.filter(kind=PLACE, state=JobState.QUEUED).count() == 1
    real = placing.place

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(placement, "place", real)
        # After the job has read the set.
        with django_capture_on_commit_callbacks(execute=True):
            put(key, {third: (0, 0, 9)})
        return real(*args, **kwargs)

    monkeypatch.setattr(placement, "place", meanwhile)
    ended = run_jobs()

    assert [job.result["placed"] for job in ended] == [2, 1]
    assert ReductionPoint.objects.filter(unit__in=[first, second, third]).count() == 3


def test_place__of_a_slower_run_does_not_undo_a_quicker_one(
    reduction: Reduction,
    birds: Folder,
    key: MetadataKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    units = make_units(birds, 2)
    put(key, dict.fromkeys(units, (9, 0, 0)))
    real = placement._write
    raced: list[Any] = []

    def race(*given: Any) -> Any:
        monkeypatch.setattr(placement, "_write", real)
        raced.append(carry_out_placement(root_id=birds.pk, key_id=key.pk, told=lambda *_: None))
        return real(*given)

    monkeypatch.setattr(placement, "_write", race)
    late = carry_out_placement(root_id=birds.pk, key_id=key.pk, told=lambda *_: None)

    assert (raced[0]["placed"], late["placed"]) == (2, 0)
    assert [row[1] for row in rows()] == list(range(62))


def test_place__on_a_map_that_is_up_to_date_changes_nothing(
    reduction: Reduction, birds: Folder, key: MetadataKey
) -> None:
    before = rows()

    result = carry_out_placement(root_id=birds.pk, key_id=key.pk, told=lambda *_: None)

    assert (result, rows()) == ({"placed": 0, "removed": 0}, before)


def test_place__without_a_matrix_file_is_the_same(
    reduction: Reduction, birds: Folder, key: MetadataKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = make_units(birds, 4)
    put(key, {unit: tuple(around(1, 1, unit)[0]) for unit in units[:3]} | {units[3]: (0, 0, 0)})
    monkeypatch.setattr(placement, "open_matrix", lambda **_: None)
    carry_out_placement(root_id=birds.pk, key_id=key.pk, told=lambda *_: None)
    without = rows()
    monkeypatch.undo()
    ReductionPoint.objects.filter(placement=Placement.NEIGHBOURS).delete()
    Reduction.objects.update(placed_revision=reduction.placed_revision, segments=[60])

    carry_out_placement(root_id=birds.pk, key_id=key.pk, told=lambda *_: None)

    assert rows() == without
    assert len(without) == 63
    reduction.refresh_from_db()
    assert reduction.left_out == 1


def test_place__after_the_history_was_pruned_finds_what_came_and_went(
    reduction: Reduction, birds: Folder, key: MetadataKey
) -> None:
    gone = rows()[0][0]
    units = make_units(birds, 2)
    put(key, dict.fromkeys(units, (9, 0, 0)))
    delete_vectors(key=key, unit_ids=[gone])
    VectorChange.objects.all().delete()
    VectorSet.objects.update(history_from=F("revision"))

    result = carry_out_placement(root_id=birds.pk, key_id=key.pk, told=lambda *_: None)

    assert result["placed"] == 2
    on_map = {row[0] for row in rows()}
    assert on_map >= set(units)
    assert gone not in on_map
    assert len(on_map) == 61


def test_place__many_small_parts_are_joined(
    reduction: Reduction, birds: Folder, key: MetadataKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "_MOST_SEGMENTS", 3)
    for unit in make_units(birds, 4):
        put(key, {unit: (9, 0, 0)})
        carry_out_placement(root_id=birds.pk, key_id=key.pk, told=lambda *_: None)

    reduction.refresh_from_db()
    assert reduction.segments == [60, 63, 64]


def test_request_placement__only_where_a_map_is_finished(birds: Folder, key: MetadataKey) -> None:
    put(key, dict.fromkeys(make_units(birds, 2), (1, 2, 3)))

    assert request_placement((birds.pk, key.pk)) is None
    assert not Job.objects.exists()


def test_place__what_came_while_the_map_was_computed(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embeddings.services import reductions

    key = make_key(birds, metric=Metric.L2)
    units = make_units(birds, 8)
    put(key, {unit: (n, 1, n * n) for n, unit in enumerate(units[:6])})
    save_upgrade(actor=actor_for(editor), root=birds, keys=[UpgradeChoice(key=key, reduce=True)])
    real = reduce_vectors

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        put(key, dict.fromkeys(units[6:], (2, 1, 4)))
        return real(*args, **kwargs)

    monkeypatch.setattr(reductions, "reduce_vectors", meanwhile)
    run_jobs()

    assert [row[4] for row in rows()] == [Placement.LAYOUT] * 6 + [Placement.NEIGHBOURS] * 2
