"""Principal components."""

import numpy as np
import pytest

from embeddings.reductions import PcaParameters, reduce_vectors
from embeddings.reductions import pca as module
from embeddings.reductions.pca import as_plane, fit_components, project


def flat_cloud(count: int = 200) -> np.ndarray:
    """Points that spread along the third axis most, along the first less, else hardly."""
    generator = np.random.default_rng(3)
    return (generator.normal(size=(count, 6)) * [3, 0.1, 9, 0.1, 0.1, 0.1]).astype(np.float32)


def test_fit_components__finds_the_widest_directions() -> None:
    components = fit_components(flat_cloud(), 2, seed=0)

    assert np.abs(components.axes).argmax(axis=1).tolist() == [2, 0]
    assert components.fitted_on == 200


def test_fit_components__on_a_sample_of_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIT_BYTES", 1)
    rows = flat_cloud(5000)

    first, second = fit_components(rows, 2, seed=5), fit_components(rows, 2, seed=5)

    assert first.fitted_on == 2000
    assert (first.axes == second.axes).all()
    assert np.abs(first.axes).argmax(axis=1).tolist() == [2, 0]


def test_project__keeps_distances_when_all_components_are_kept() -> None:
    rows = flat_cloud(50)

    projected = project(rows, fit_components(rows, 6, seed=0))

    before = np.linalg.norm(rows[:1] - rows, axis=1)
    after = np.linalg.norm(projected[:1] - projected, axis=1)
    assert np.allclose(before, after, rtol=1e-4, atol=1e-4)


def test_as_plane__has_two_columns() -> None:
    assert as_plane(np.ones((3, 1), dtype=np.float32)).tolist() == [[1, 0]] * 3
    assert as_plane(np.ones((3, 5), dtype=np.float32)).shape == (3, 2)


def test_pca__is_a_method_and_says_what_it_used() -> None:
    layout = reduce_vectors(flat_cloud(), metric="l2", parameters=PcaParameters(seed=9))

    assert layout.points.shape == (200, 2)
    assert layout.points[:, 0].std() > layout.points[:, 1].std() > 0
    assert layout.kl is None
    assert layout.used["seed"] == 9
    assert layout.used["fitted_on"] == 200
    assert set(layout.used["libraries"]) == {"numpy", "scipy", "scikit-learn", "openTSNE"}
