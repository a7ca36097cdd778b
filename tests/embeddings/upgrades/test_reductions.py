"""The job that computes a map, carried out in this process."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from accounts.actor import Actor
from accounts.models import User
from core.jobs import JobCancelled, JobLost
from core.models import Job, JobState
from core.services.jobs import request_cancel
from embeddings import jobs
from embeddings.choices import ReductionState
from embeddings.jobs import step, thousandths
from embeddings.matrix import read_matrix
from embeddings.models import Reduction, ReductionPoint, VectorSet
from embeddings.reductions import Phase, Progress, ReductionError, reduce_vectors
from embeddings.services import reductions
from embeddings.services.upgrades import UpgradeChoice, get_upgrade, save_upgrade
from embeddings.services.vectors import write_vectors
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


def start(actor: Actor, root: Folder, key: MetadataKey, **options: Any) -> Job:
    choice = UpgradeChoice(key=key, reduce=True, **options)
    (job,) = save_upgrade(actor=actor, root=root, keys=[choice])
    return job


def test_reduce__makes_a_map_of_digits(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    images, labels = load_digits(return_X_y=True)
    count = 200
    units = make_units(birds, count)
    key = make_key(birds, dimensions=64)
    write_vectors(
        key=key,
        unit_ids=np.array(units, dtype=np.int64),
        values=images[:count].astype(np.float32),
    )

    job = start(actor_for(editor), birds, key)
    run_jobs()

    job.refresh_from_db()
    reduction = Reduction.objects.get()
    assert (job.state, job.percent, job.step) == (JobState.FINISHED, 100, "Finished")
    assert job.result["points"] == count
    assert job.result["reduction"] == str(reduction.pk)
    assert reduction.state == ReductionState.READY
    assert (reduction.point_count, reduction.left_out, reduction.version) == (count, 0, 1)
    assert reduction.revision == VectorSet.objects.get().revision
    assert reduction.kl_divergence is not None
    assert reduction.seconds is not None
    assert reduction.finished_at is not None
    assert reduction.parameters == {"perplexity": 30.0, "exaggeration": 1.0, "seed": 42}
    assert reduction.used["libraries"]["openTSNE"]
    points = ReductionPoint.objects.filter(reduction=reduction).order_by("ordinal")
    assert list(points.values_list("unit", flat=True)) == units
    assert list(points.values_list("ordinal", flat=True)) == list(range(count))
    xy = np.array(points.values_list("x", "y"))
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = labels[:count][np.argsort(apart, axis=1)[:, :5]]
    assert (nearest == labels[:count, None]).mean() > 0.8


@pytest.mark.parametrize("method", ["tsne", "pca"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_reduce__few_vectors_give_a_map(
    count: int, method: str, birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = make_key(birds)
    put(key, {unit: (1.0, n, n * n) for n, unit in enumerate(make_units(birds, count))})

    start(actor_for(editor), birds, key, method=method)
    run_jobs()

    reduction = Reduction.objects.get()
    assert (reduction.state, reduction.method, reduction.point_count) == ("ready", method, count)


@pytest.mark.parametrize(("metric", "left_out"), [(Metric.COSINE, 1), (Metric.L2, 0)])
def test_reduce__leaves_zero_vectors_out_under_cosine_only(
    metric: Metric, left_out: int, birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = make_key(birds, metric=metric)
    units = make_units(birds, 3)
    put(key, {units[0]: (0, 0, 0), units[1]: (1, 0, 0), units[2]: (0, 1, 0)})
    start(actor_for(editor), birds, key)
    run_jobs()

    reduction = Reduction.objects.get()
    assert (reduction.left_out, reduction.point_count) == (left_out, 3 - left_out)


def test_reduce__whose_vectors_went_meanwhile_is_an_empty_map(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = make_key(birds)
    put(key, dict.fromkeys(make_units(birds, 2), (1, 2, 3)))
    start(actor_for(editor), birds, key)
    Unit.objects.all().delete()

    run_jobs()

    reduction = Reduction.objects.get()
    assert (reduction.state, reduction.point_count) == ("ready", 0)


def test_reduce__shows_phase_iteration_and_divergence(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.run.SAVE_INTERVAL_SECONDS", 0)
    key = make_key(birds)
    put(key, {unit: (1, n, 7 - n) for n, unit in enumerate(make_units(birds, 6))})
    job = start(actor_for(editor), birds, key)
    seen: list[tuple[int, str]] = []
    real = jobs.thousandths

    def spy(progress: Progress) -> int:
        row = Job.objects.get(pk=job.pk)
        state = get_upgrade(actor_for(editor), birds).rows[0].state if not seen else "processing"
        assert (row.state, state) == (JobState.RUNNING, "processing")
        seen.append((row.done, row.step))
        return real(progress)

    monkeypatch.setattr(jobs, "thousandths", spy)
    run_jobs()

    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    steps = [text for _, text in seen]
    assert any(text.startswith("Separating groups, 50 of 150 iterations, KL ") for text in steps)
    assert any(text.startswith("Laying out, 250 of 500 iterations, KL ") for text in steps)


def test_reduce__cancelled_before_it_begins(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = make_key(birds)
    put(key, dict.fromkeys(make_units(birds, 2), (1, 2, 3)))
    job = start(actor_for(editor), birds, key)

    request_cancel(job=job)
    run_jobs()

    reduction = Reduction.objects.select_related("job").get()
    assert reduction.state == ReductionState.PENDING
    assert (reduction.current_state, reduction.is_active) == (ReductionState.CANCELLED, False)
    assert get_upgrade(actor_for(editor), birds).rows[0].state == "cancelled"


def test_reduce__cancelled_in_the_middle_leaves_no_points(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.run.SAVE_INTERVAL_SECONDS", 0)
    key = make_key(birds)
    put(key, {unit: (1, n, 7 - n) for n, unit in enumerate(make_units(birds, 6))})
    job = start(actor_for(editor), birds, key)
    heard: list[Progress] = []

    def cancel_in_layout(progress: Progress) -> int:
        heard.append(progress)
        if progress.phase is Phase.LAYOUT:
            request_cancel(job=Job.objects.get(pk=job.pk))
        return 0

    monkeypatch.setattr(jobs, "thousandths", cancel_in_layout)
    run_jobs()

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert [one.done for one in heard if one.phase is Phase.LAYOUT] == [10]
    assert Reduction.objects.get().state == ReductionState.CANCELLED
    assert not ReductionPoint.objects.exists()


def test_reduce__that_cannot_lay_out_says_why(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ReductionError("The layout did not settle.")

    monkeypatch.setattr(reductions, "reduce_vectors", fail)
    key = make_key(birds)
    put(key, dict.fromkeys(make_units(birds, 2), (1, 2, 3)))

    job = start(actor_for(editor), birds, key)
    run_jobs()

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "reduction_failed")
    assert job.error_message == "The layout did not settle."
    (row,) = get_upgrade(actor_for(editor), birds).rows
    assert (row.state, row.failure, row.map) == ("failed", "The layout did not settle.", None)


def test_reduce__after_a_crash_says_so_and_starts_cleanly_again(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(birds)
    put(key, {unit: (1, n, 3) for n, unit in enumerate(make_units(birds, 5))})
    job = start(actor_for(editor), birds, key)
    with monkeypatch.context() as broken:
        broken.setattr(reductions, "replace_points", lambda **_: 1 / 0)
        run_jobs()
    (row,) = get_upgrade(actor_for(editor), birds).rows
    assert row.state == "failed"
    assert "on our side" in row.failure

    # As the reaper does when a worker dies: the same row begins anew.
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, run_token=None)
    run_jobs()

    (row,) = get_upgrade(actor_for(editor), birds).rows
    assert row.state == "ready"
    assert ReductionPoint.objects.count() == 5


def test_reduce__begun_again_after_it_was_published_changes_nothing(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = make_key(birds)
    put(key, {unit: (1, n, 3) for n, unit in enumerate(make_units(birds, 5))})
    job = start(actor_for(editor), birds, key)
    run_jobs()
    job.refresh_from_db()
    before = list(ReductionPoint.objects.order_by("ordinal").values_list("x", "y"))

    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, result={})
    run_jobs()

    again = Job.objects.get(pk=job.pk)
    assert again.result == job.result
    assert list(ReductionPoint.objects.order_by("ordinal").values_list("x", "y")) == before


@pytest.mark.parametrize("end", [JobLost, JobCancelled])
def test_carry_out__that_lost_its_job_publishes_nothing(
    end: type[BaseException], birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = make_key(birds)
    put(key, {unit: (1, n, 3) for n, unit in enumerate(make_units(birds, 5))})
    start(actor_for(editor), birds, key)

    def told(name: str) -> None:
        if name == "Storing points":
            raise end

    with pytest.raises(end):
        reductions.carry_out(
            reduction_id=Reduction.objects.get().pk, report=lambda _: None, told=told
        )

    assert not ReductionPoint.objects.exists()
    assert Reduction.objects.get().state == ReductionState.RUNNING


def test_carry_out__of_a_map_that_is_gone_is_quiet(birds: Folder) -> None:
    assert (
        reductions.carry_out(reduction_id=birds.pk, report=lambda _: None, told=lambda _: None)
        == {}
    )


def test_reduce__passes_units_over_that_left_meanwhile(
    birds: Folder, boats: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(birds)
    units = make_units(birds, 6)
    put(key, {unit: (1, n, 3) for n, unit in enumerate(units)})
    start(actor_for(editor), birds, key)

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        Unit.objects.filter(pk=units[0]).delete()
        Unit.objects.filter(pk=units[1]).update(folder=boats, root=boats)
        return reduce_vectors(*args, **kwargs)

    monkeypatch.setattr(reductions, "reduce_vectors", meanwhile)
    run_jobs()

    points = ReductionPoint.objects.order_by("ordinal")
    assert list(points.values_list("unit", "ordinal")) == [(units[n], n) for n in range(2, 6)]
    assert Reduction.objects.get().point_count == 4


def test_read_matrix__is_the_stored_vectors_in_the_order_of_units(
    birds: Folder, boats: Folder
) -> None:
    key = make_key(birds, dimensions=5)
    units = make_units(birds, 40)
    values = np.random.default_rng(2).normal(size=(40, 5)).astype(np.float32)
    shuffled = np.random.default_rng(3).permutation(40)
    write_vectors(key=key, unit_ids=np.array(units)[shuffled], values=values[shuffled])
    put(key, dict.fromkeys(make_units(boats, 2), (9, 9, 9, 9, 9)))

    matrix = read_matrix(root_id=birds.pk, key=key, skip_zero=True)

    assert matrix.unit_ids.tolist() == units
    assert matrix.values.dtype == np.float32
    assert matrix.values.flags["C_CONTIGUOUS"]
    assert (matrix.values == values).all()
    assert matrix.revision == VectorSet.objects.get(root=birds).revision


@pytest.mark.parametrize("dimensions", [1, 2000, 4096])
def test_read_matrix__of_any_size(dimensions: int, birds: Folder) -> None:
    key = make_key(birds, dimensions=dimensions)
    units = make_units(birds, 3)
    values = np.random.default_rng(2).normal(size=(3, dimensions)).astype(np.float32)
    write_vectors(key=key, unit_ids=np.array(units), values=values)

    assert (read_matrix(root_id=birds.pk, key=key, skip_zero=False).values == values).all()


def test_read_matrix__without_vectors_is_empty(birds: Folder) -> None:
    matrix = read_matrix(root_id=birds.pk, key=make_key(birds), skip_zero=True)

    assert matrix.values.shape == (0, 3)
    assert (matrix.revision, matrix.left_out) == (0, 0)


@pytest.mark.parametrize(
    ("progress", "done", "text"),
    [
        (Progress(Phase.NEIGHBOURS, 0, 1000), 50, "Finding neighbours"),
        (Progress(Phase.NEIGHBOURS, 500, 1000), 100, "Finding neighbours"),
        (
            Progress(Phase.LAYOUT, 250, 500, 1.23456),
            690,
            "Laying out, 250 of 500 iterations, KL divergence 1.235",
        ),
    ],
)
def test_progress__in_numbers_and_words(progress: Progress, done: int, text: str) -> None:
    assert (thousandths(progress), step(progress)) == (done, text)
