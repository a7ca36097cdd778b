"""The one entry: prepare, answer the small cases, else run the method."""

import os
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from embeddings.reductions.layout import Layout, Matrix, Report, finished_layout, no_report
from embeddings.reductions.live import Live
from embeddings.reductions.parameters import Parameters, PcaParameters
from embeddings.reductions.preparation import Metric, all_rows_equal, prepare
from embeddings.reductions.preview import preview

# Below, an iteration takes a few milliseconds, and threads that wait for each other cost more than
# they do: on a busy machine with two cores, two threads took three times as long as one.
THREADS_FROM_POINTS = 5000
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "openTSNE")


def reduce_vectors(
    vectors: Matrix,
    *,
    metric: Metric,
    parameters: Parameters,
    threads: int = 0,
    report: Report = no_report,
    live: Live | None = None,
    start: NDArray[np.floating[Any]] | None = None,
) -> Layout:
    """Lay vectors out on a plane.

    Args:
        vectors: shape (n, dimensions), finite, C-contiguous; overwritten. Under cosine no row may
            be zero.
        metric: what distance means.
        parameters: of the method to use, which they name by their type.
        threads: how many to compute with; 0 for as many as pay, see `threads_for`.
        report: told how far the work is; what it raises ends the work and is passed on.
        live: shown the points while they move; may stop the work early, and remembers it.
        start: where t-SNE begins, shape (n, 2), instead of at the principal components; NaN where
            a point has no place yet.

    Returns:
        Any number of points from 0 on, identical ones included.

    Raises:
        ReductionError: the vectors cannot be laid out.
    """
    # openTSNE's threads would wait for each other in circles, at full load: on a machine that is
    # busy elsewhere that took twice as long. Read once, when the library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    live = live or Live()
    if start is None:
        live.show(preview(vectors, metric, seed=parameters.seed))
    # scikit-learn and openTSNE take seconds to load, which only who reduces shall pay: every
    # process of the platform imports this module.
    from embeddings.reductions.pca import pca
    from embeddings.reductions.tsne import tsne

    threads = threads or threads_for(len(vectors))
    prepare(vectors, metric)
    used = {"dimensions": vectors.shape[1], "libraries": library_versions()}
    simple = _simple_points(vectors)
    if simple is not None:
        return finished_layout(simple, kl=None, used={**used, "layout": "direct"})
    # openTSNE takes a number of threads; scikit-learn's search and BLAS have to be told this way.
    with threadpool_limits(limits=threads):
        if isinstance(parameters, PcaParameters):
            layout = pca(vectors, parameters=parameters, report=report)
        else:
            layout = tsne(
                vectors,
                parameters=parameters,
                threads=threads,
                report=report,
                live=live,
                start=start,
            )
    return Layout(points=layout.points, kl=layout.kl, used={**used, **layout.used})


def library_versions() -> dict[str, str]:
    """Versions of what the points depend on."""
    return {name: version(name) for name in _LIBRARIES}


def threads_for(count: int) -> int:
    """One for few points, else as many as this process may use."""
    return usable_threads() if count >= THREADS_FROM_POINTS else 1


def usable_threads() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _simple_points(vectors: Matrix) -> NDArray[np.float32] | None:
    """Points that need no method: of up to three vectors, and of vectors that are all equal."""
    count = len(vectors)
    if count == 0 or all_rows_equal(vectors):
        return np.zeros((count, 2), dtype=np.float32)
    if count == 2:
        return np.array([[-0.5, 0], [0.5, 0]], dtype=np.float32)
    if count == 3:
        from embeddings.reductions.pca import as_plane, fit_components, project

        # A triangle keeps its exact shape in the plane.
        return as_plane(project(vectors, fit_components(vectors, 2, seed=0)))
    return None
