"""Principal components: as a method of its own, and as a step before t-SNE."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from embeddings.reductions.layout import Layout, Matrix, Phase, Progress, Report, finished_layout
from embeddings.reductions.parameters import PcaParameters

# Components are fitted on a sample of this size: scikit-learn copies its input, and a hundred
# components of some thousand rows are as good as those of a million.
_FIT_BYTES = 64 * 1024 * 1024
_FIT_ROWS = 10_000
_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Components:
    """The axes of greatest variance.

    Attributes:
        mean: shape (dimensions,).
        axes: shape (count, dimensions), orthonormal, by falling variance.
        fitted_on: number of rows that they were found from.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    fitted_on: int


def pca(vectors: Matrix, *, parameters: PcaParameters, report: Report) -> Layout:
    """Lay the vectors out along their two principal components."""
    report(Progress(Phase.COMPONENTS, 0, 2))
    components = fit_components(vectors, 2, seed=parameters.seed)
    report(Progress(Phase.COMPONENTS, 1, 2))
    points = project(vectors, components)
    report(Progress(Phase.COMPONENTS, 2, 2))
    used: dict[str, Any] = {"seed": parameters.seed, "fitted_on": components.fitted_on}
    return finished_layout(as_plane(points), kl=None, used=used)


def fit_components(vectors: Matrix, count: int, *, seed: int) -> Components:
    """Find up to `count` principal components; fewer when rows or dimensions are fewer.

    The same rows and seed give the same components, signs included.
    """
    sample = _sample(vectors, seed)
    count = min(count, *sample.shape)
    fitted = PCA(n_components=count, svd_solver="auto", random_state=seed).fit(sample)
    return Components(
        mean=fitted.mean_.astype(np.float64),
        axes=fitted.components_.astype(np.float64),
        fitted_on=len(sample),
    )


def project(vectors: Matrix, components: Components) -> NDArray[np.float32]:
    """Coordinates of the rows along the components: shape (n, count)."""
    projected = np.empty((len(vectors), len(components.axes)), dtype=np.float32)
    for start in range(0, len(vectors), _ROWS):
        rows = vectors[start : start + _ROWS].astype(np.float64)
        projected[start : start + _ROWS] = (rows - components.mean) @ components.axes.T
    return projected


def as_plane(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The points with exactly two columns; vectors of one dimension lie on a line."""
    missing = 2 - points.shape[1]
    return np.pad(points, ((0, 0), (0, missing))) if missing > 0 else points[:, :2]


def _sample(vectors: Matrix, seed: int) -> Matrix:
    most = min(max(_FIT_BYTES // (4 * vectors.shape[1]), 2000), _FIT_ROWS)
    if len(vectors) <= most:
        return vectors
    chosen = np.random.default_rng(seed).choice(len(vectors), size=most, replace=False)
    sampled: Matrix = vectors[np.sort(chosen)]
    return sampled
