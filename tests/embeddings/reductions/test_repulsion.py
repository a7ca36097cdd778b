"""Repulsion against the sum over all pairs."""

import numpy as np
import pytest
from numpy.typing import NDArray
from openTSNE import _tsne

from embeddings.reductions import repulsion as module
from embeddings.reductions.repulsion import Repulsion

Points = NDArray[np.float64]


def groups(count: int, width: float, seed: int = 0) -> Points:
    """Ten groups of points on a map about `width` wide."""
    generator = np.random.default_rng(seed)
    middles = generator.uniform(-width / 2, width / 2, size=(10, 2))
    spread: Points = middles[generator.integers(0, 10, count)] + generator.normal(
        scale=width / 30, size=(count, 2)
    )
    return spread


def by_pairs(points: Points) -> tuple[Points, float]:
    apart = points[:, None] - points[None]
    kernel = 1 / (1 + np.square(apart).sum(axis=2))
    return (apart * np.square(kernel)[..., None]).sum(axis=1), float(kernel.sum()) - len(points)


def error(found: Points, true: Points) -> float:
    return float(np.linalg.norm(found - true) / np.linalg.norm(true))


@pytest.mark.parametrize("width", [1e-4, 0.1, 1, 10, 40, 120])
def test_repulsion__is_the_sum_over_all_pairs(width: float) -> None:
    points = groups(1500, width)
    forces, total = by_pairs(points)

    found, found_total = Repulsion(threads=1)(points)

    assert error(found, forces) < 0.05
    assert found_total == pytest.approx(total, rel=1e-3)


def test_repulsion__is_as_exact_as_that_of_opentsne_by_default() -> None:
    points = groups(3000, 80)
    forces, _ = by_pairs(points)
    theirs = np.zeros_like(points)
    total = _tsne.estimate_negative_gradient_fft_2d(points, theirs, 3, 50, 1)

    found, _ = Repulsion(threads=1)(points)

    assert error(found, forces) < 1.2 * error(-theirs * total, forces)


def test_repulsion__pushes_nobody_as_a_whole() -> None:
    forces, _ = Repulsion(threads=1)(groups(800, 30))

    assert np.abs(forces.sum(axis=0)).max() < 1e-2 * np.abs(forces).sum()


def test_repulsion__of_a_growing_map_keeps_its_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = module._new_kernels

    def counted(spacing: float, padded: tuple[int, int]) -> object:
        made.append(padded)
        return real(spacing, padded)

    monkeypatch.setattr(module, "_new_kernels", counted)
    repulsion = Repulsion(threads=1)

    for width in np.linspace(80, 82, 20):
        repulsion(groups(300, float(width)))

    assert 1 <= len(made) <= 3


@pytest.mark.parametrize("few", [0, 256], ids=["by splines", "by pairs"])
@pytest.mark.parametrize(
    "points",
    [
        np.zeros((5, 2)),
        np.array([[0.0, 0.0], [0.0, 1e5]]),
        np.column_stack([np.arange(50.0), np.zeros(50)]),
        np.array([[-1e12, 0.0], [1e12, 3.0], [0.0, 1e12]]),
    ],
    ids=["one place", "far apart", "a line", "very far apart"],
)
def test_repulsion__of_odd_maps_is_finite(
    points: Points, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FEW_POINTS", few)
    forces, total = Repulsion(threads=1)(points)

    assert np.isfinite(forces).all()
    assert 0 < total < np.inf


def test_repulsion__of_lonely_points_does_not_count_each_with_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = np.random.default_rng(3).uniform(-60, 60, size=(30, 2))
    monkeypatch.setattr(module, "_FEW_POINTS", 0)

    _, total = Repulsion(threads=1)(points)

    assert total == pytest.approx(by_pairs(points)[1], rel=0.01)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_repulsion__of_points_at_infinity_is_an_error(value: float) -> None:
    with pytest.raises(FloatingPointError):
        Repulsion(threads=1)(np.array([[0.0, 0.0], [value, 1.0]]))
