"""The divergence by which benchmarks judge maps, also where neighbours are approximate."""

import numpy as np
import pytest

from benchmarks import map_quality
from benchmarks.map_quality import Yardstick


def test_divergence__above_the_limit_is_an_estimate_near_the_exact_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(0)
    middles = random.normal(size=(6, 12))
    vectors = (middles[np.arange(600) % 6] + random.normal(scale=0.3, size=(600, 12))).astype("f4")
    good = (vectors[:, :2] * 20).astype("f4")
    bad = random.permutation(good)
    exact = Yardstick(vectors, 1)
    monkeypatch.setattr(map_quality, "_MOST_ROWS", 500)
    estimate = Yardstick(vectors, 1)

    for points in (good, bad):
        known, guessed = exact.measure(points), estimate.measure(points)
        assert not known.estimated
        assert guessed.estimated
        assert guessed.divergence == pytest.approx(known.divergence, rel=0.05)
    assert estimate.measure(good).divergence < 0.8 * estimate.measure(bad).divergence
