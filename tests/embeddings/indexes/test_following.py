"""Indexes follow their sets: by writing changes, or by a new index when these are many."""

from collections.abc import Callable

import numpy as np
import pytest
from django.db import connection

from core.models import Job, JobState
from embeddings.choices import IndexState
from embeddings.indexes.table import table_name
from embeddings.models import VectorIndex, VectorSet
from embeddings.services import index_following
from embeddings.services.index_following import FOLLOW, tend_indexes
from embeddings.services.indexes import BUILD
from embeddings.services.vectors import delete_vectors
from folders.models import Folder, MetadataKey
from tests.embeddings.search.engines import make_index
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs

Capture = Callable[..., object]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four changes are many, ten stale; two are written together."""
    monkeypatch.setattr(index_following, "_MANY_CHANGES", 4)
    monkeypatch.setattr(index_following, "_FEW_ROWS", 10)
    monkeypatch.setattr(index_following, "_BATCH", 2)


@pytest.fixture
def units(birds: Folder) -> list[int]:
    return make_units(birds, 30)


@pytest.fixture
def key(birds: Folder, units: list[int]) -> MetadataKey:
    """A key with an index of twenty vectors."""
    key = make_key(birds, dimensions=2)
    put(key, {unit: [unit, 1] for unit in units[:20]})
    make_index(birds, key)
    return key


def in_index() -> dict[int, list[float]]:
    index = VectorIndex.objects.get(state=IndexState.READY)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unit_id, value::text FROM {table_name(index)}")  # noqa: S608
        rows = cursor.fetchall()
    return {unit: [float(part) for part in text.strip("[]").split(",")] for unit, text in rows}


def test_changes__are_written_once_they_are_many(
    key: MetadataKey, units: list[int], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        put(key, {unit: [0, 1] for unit in units[:3]})
    assert not Job.objects.filter(kind=FOLLOW).exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        delete_vectors(key=key, unit_ids=[units[2]])
        put(key, {units[25]: [1, 0]})
    (job,) = run_jobs()

    assert (job.kind, job.state, job.result["written"]) == (FOLLOW, JobState.FINISHED, 4)
    held = in_index()
    assert sorted(held) == [*units[:2], *units[3:20], units[25]]
    assert (held[units[0]], held[units[25]]) == ([0, 1], [1, 0])
    index = VectorIndex.objects.get()
    assert (index.rows, index.changed) == (20, 4)
    assert index.revision == VectorSet.objects.get().revision


def test_few_changes__are_written_by_the_round(key: MetadataKey, units: list[int]) -> None:
    put(key, {units[0]: [0, 1]})
    tend_indexes()
    (job,) = run_jobs()

    assert job.result == {"written": 1, "rebuilt": False}
    tend_indexes()
    assert run_jobs() == []


def test_index__that_saw_many_changes_is_built_anew(key: MetadataKey, units: list[int]) -> None:
    old = VectorIndex.objects.get()
    put(key, {unit: [1, unit] for unit in units[:6]})
    tend_indexes()
    run_jobs()
    assert VectorIndex.objects.get().changed == 6
    put(key, {unit: [1, unit] for unit in units[:6]})
    tend_indexes()
    jobs = run_jobs()

    assert [job.kind for job in jobs] == [FOLLOW, BUILD]
    assert jobs[0].result == {"written": 0, "rebuilt": True}
    new = VectorIndex.objects.get()
    assert new.pk != old.pk
    assert (new.changed, new.revision) == (0, VectorSet.objects.get().revision)


def test_index__whose_history_is_forgotten_is_built_anew(
    key: MetadataKey, units: list[int]
) -> None:
    put(key, {units[0]: [0, 1]})
    VectorSet.objects.update(history_from=2)
    tend_indexes()

    assert [job.kind for job in run_jobs()] == [FOLLOW, BUILD]


def test_run__that_is_killed_between_batches_is_run_again(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    put(key, {unit: [0, 1] for unit in units[:5]})
    index = VectorIndex.objects.get()

    def killed(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_following.bring_up_to_date(index, told=killed)
    assert VectorIndex.objects.get().revision == 1
    index_following.bring_up_to_date(index, told=lambda done, total: None)

    held = in_index()
    assert np.array([held[unit] for unit in units[:5]]).tolist() == [[0, 1]] * 5
    assert len(held) == VectorIndex.objects.get().rows == 20
