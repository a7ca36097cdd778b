"""Maps of the 10,000 images of CIFAR-10's test split, where their vectors are at hand."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from accounts.actor import Actor
from accounts.models import User
from embeddings.choices import Placement
from embeddings.models import Reduction, ReductionPoint
from embeddings.services.placement import request_placement
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from embeddings.services.vectors import write_vectors
from folders.models import Folder
from tests.embeddings.worlds import make_key, make_units
from tests.jobs import run_jobs

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
LAID_OUT, PLACED = 2500, 500

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared vectors are not there")


def vectors_and_classes() -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Some vectors of a network that knows the classes, and these."""
    vectors = np.load(DATA / "cifar10-test.cnn512.f16.npy").astype(np.float32)
    with (DATA / "cifar10-test.csv").open() as file:
        classes = np.array([row["label"] for row in csv.DictReader(file)])
    chosen = np.random.default_rng(4).choice(len(vectors), LAID_OUT + PLACED, replace=False)
    return vectors[chosen], classes[chosen]


def places(placement: Placement) -> NDArray[np.float64]:
    points = ReductionPoint.objects.filter(placement=placement).order_by("unit")
    return np.array(points.values_list("x", "y"))


def test_map__keeps_classes_together_and_later_units_come_to_their_own(
    birds: Folder, editor: User, actor_for: Callable[[User], Actor]
) -> None:
    vectors, classes = vectors_and_classes()
    key = make_key(birds, dimensions=512)
    units = np.array(make_units(birds, LAID_OUT + PLACED), dtype=np.int64)
    write_vectors(key=key, unit_ids=units[:LAID_OUT], values=vectors[:LAID_OUT])
    save_upgrade(actor=actor_for(editor), root=birds, keys=[UpgradeChoice(key=key, reduce=True)])
    run_jobs()
    laid_out = places(Placement.LAYOUT)

    write_vectors(key=key, unit_ids=units[LAID_OUT:], values=vectors[LAID_OUT:])
    request_placement((birds.pk, key.pk))
    run_jobs()

    # Among the true neighbours, in all 512 dimensions, this share is of a unit's own class.
    own = classes[:LAID_OUT]
    apart = -vectors[:LAID_OUT] @ vectors[:LAID_OUT].T
    np.fill_diagonal(apart, np.inf)
    true = own[np.argpartition(apart, 10, axis=1)[:, :10]]
    share = (true == own[:, None]).mean()
    _, near = cKDTree(laid_out).query(laid_out, k=11)
    assert share > 0.7
    assert (own[near[:, 1:]] == own[:, None]).mean() > 0.95 * share
    # Not a bit of the old points has moved.
    assert (places(Placement.LAYOUT) == laid_out).all()
    placed = places(Placement.NEIGHBOURS)
    assert len(placed) == PLACED
    _, near = cKDTree(laid_out).query(placed, k=10)
    assert (own[near] == classes[LAID_OUT:, None]).mean() > 0.95 * share
    assert Reduction.objects.get().point_count == LAID_OUT + PLACED
