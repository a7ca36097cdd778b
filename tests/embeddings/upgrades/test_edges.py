"""Odd sets of vectors through the whole job: each gives a map, or a clear reason."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from accounts.actor import Actor
from accounts.models import User
from core.models import JobState
from embeddings.models import Reduction, ReductionPoint
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from embeddings.services.vectors import write_vectors
from folders.choices import Metric
from folders.models import Folder
from tests.embeddings.worlds import make_key, make_units
from tests.jobs import run_jobs

RANDOM = np.random.default_rng(11)
SETS: dict[str, NDArray[np.float64]] = {
    "one": np.array([[1.0, 2, 3]]),
    "two": np.array([[1.0, 2, 3], [3, 2, 1]]),
    "three": np.eye(3),
    "fewer than the perplexity asks for": RANDOM.normal(size=(20, 6)),
    "all identical": np.tile([[1.0, 2, 3]], (30, 1)),
    "identical but one": np.vstack([np.tile([[1.0, 2, 3]], (30, 1)), [[3.0, 2, 1]]]),
    "pairs of identical ones": np.repeat(RANDOM.normal(size=(25, 4)), 2, axis=0),
    "one dimension": RANDOM.normal(size=(40, 1)),
    "one dimension, two directions": np.array([[1.0], [-2], [3], [-4], [5], [6]]),
    "4096 dimensions": RANDOM.normal(size=(30, 4096)),
    "zero vectors among others": np.vstack([np.zeros((5, 4)), RANDOM.normal(size=(20, 4))]),
    "zero vectors alone": np.zeros((6, 4)),
    "tiny": 1e-30 * RANDOM.normal(size=(12, 4)),
    "huge": 1e30 * RANDOM.normal(size=(12, 4)),
}


@pytest.mark.parametrize("metric", [Metric.COSINE, Metric.L2])
@pytest.mark.parametrize("method", ["tsne", "tsne_fast", "pca"])
@pytest.mark.parametrize("name", list(SETS))
def test_reduce__of_odd_vectors_is_a_map_of_all_that_have_a_place(
    name: str,
    method: str,
    metric: Metric,
    birds: Folder,
    editor: User,
    actor_for: Callable[[User], Actor],
) -> None:
    vectors = SETS[name].astype(np.float32)
    key = make_key(birds, dimensions=vectors.shape[1], metric=metric)
    units = np.array(make_units(birds, len(vectors)), dtype=np.int64)
    write_vectors(key=key, unit_ids=units, values=vectors)

    (job,) = save_upgrade(
        actor=actor_for(editor),
        root=birds,
        keys=[UpgradeChoice(key=key, reduce=True, method=method)],
    )
    run_jobs()

    job.refresh_from_db()
    reduction = Reduction.objects.get()
    assert (job.state, reduction.state) == (JobState.FINISHED, "ready"), job.error_message
    placed = vectors.any(axis=1) if metric == Metric.COSINE else np.ones(len(vectors), dtype=bool)
    assert (reduction.point_count, reduction.left_out) == (placed.sum(), (~placed).sum())
    points = ReductionPoint.objects.order_by("ordinal")
    assert list(points.values_list("unit", flat=True)) == units[placed].tolist()
    assert np.isfinite(np.array(points.values_list("x", "y"))).all()
    seconds = reduction.used["seconds"]
    assert seconds["first_points"] is not None
    assert "Reading vectors" in seconds["phases"]
