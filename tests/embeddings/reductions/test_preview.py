"""The first look at vectors, before any layout."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from embeddings.reductions.preparation import Metric
from embeddings.reductions.preview import SAMPLED, preview


def made_up(count: int, dimensions: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Vectors with clearly unequal spread along the axes of a turned frame."""
    generator = np.random.default_rng(5)
    spread = 10.0 / (1 + np.arange(dimensions))
    frame = np.linalg.qr(generator.normal(size=(dimensions, dimensions)))[0]
    values = (generator.normal(size=(count, dimensions)) * spread) @ frame + 3
    return np.ascontiguousarray(values, dtype=np.float32)


def test_preview__is_the_plane_of_scikit_learn_with_its_signs() -> None:
    vectors = made_up(600, 20)
    before = vectors.copy()

    points = preview(vectors, "l2", seed=1)

    assert (vectors == before).all()
    unit = np.abs(vectors - vectors.mean(axis=0)).max()
    np.testing.assert_allclose(points * unit, PCA(2).fit_transform(vectors), atol=0.02)


def test_preview__under_cosine_looks_at_directions() -> None:
    vectors = made_up(300, 8)
    scaled = vectors * np.random.default_rng(2).uniform(0.1, 9, size=(300, 1)).astype(np.float32)

    points = preview(scaled, "cosine", seed=1)

    np.testing.assert_allclose(points, preview(vectors, "cosine", seed=1), atol=1e-4)


def test_preview__of_many_rows_is_found_from_a_sample_and_shows_all() -> None:
    vectors = made_up(SAMPLED + 5000, 6)

    points = preview(vectors, "l2", seed=1)

    whole = PCA(2).fit_transform(vectors)
    assert points.shape == (SAMPLED + 5000, 2)
    for axis in range(2):
        assert abs(np.corrcoef(points[:, axis], whole[:, axis])[0, 1]) > 0.999
    assert (points == preview(vectors, "l2", seed=1)).all()


@pytest.mark.parametrize("metric", ["cosine", "l2", "inner_product"])
@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((0, 3)),
        np.zeros((1, 3)),
        np.ones((4, 3)),
        np.zeros((4, 1)),
        np.array([[1.0], [2.0], [-4.0]]),
        np.array([[1e-30, 2e-30], [3e-30, -1e-30], [1e-30, 1e-30]]),
        np.array([[1e30, 2e30], [3e30, -1e30], [1e38, 1e38]]),
        np.random.default_rng(0).normal(size=(7, 4096)),
    ],
)
def test_preview__of_odd_vectors_is_finite(
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float64]], metric: Metric
) -> None:
    points = preview(vectors.astype(np.float32), metric, seed=0)

    assert points.shape == (len(vectors), 2)
    assert np.isfinite(points).all()
