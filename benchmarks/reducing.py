"""One reduction in a process of its own, so that its memory can be measured.

    python -m benchmarks.reducing CONTENDER VECTORS.npy POINTS.npy

Prints the seconds that it took, and those of processors, without loading libraries and vectors.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Reduce = Callable[[Floats], npt.NDArray[Any]]


def ours(method: str) -> Reduce:
    """By embeddings.reductions."""
    # What a worker loads before its first job.
    from embeddings.reductions import parse_parameters, reduce_vectors

    parameters = parse_parameters(method, {})
    return lambda vectors: reduce_vectors(vectors, metric="cosine", parameters=parameters).points


def opentsne() -> Reduce:
    """With nothing but the number of threads said; unit length makes Euclidean cosine."""
    from openTSNE import TSNE

    return lambda vectors: np.asarray(TSNE(n_jobs=-1, random_state=1).fit(unit(vectors)))


def scikit_learn() -> Reduce:
    """scikit-learn's t-SNE."""
    from sklearn.manifold import TSNE

    return lambda vectors: TSNE(n_jobs=-1, random_state=1).fit_transform(unit(vectors))


def umap_learn() -> Reduce:
    """umap-learn, where it is installed."""
    from umap import UMAP

    return lambda vectors: UMAP().fit_transform(unit(vectors))


CONTENDERS: dict[str, Callable[[], Reduce]] = {
    "t-SNE": lambda: ours("tsne"),
    "t-SNE, fast": lambda: ours("tsne_fast"),
    "PCA": lambda: ours("pca"),
    "openTSNE's defaults": opentsne,
    "scikit-learn's TSNE": scikit_learn,
    "umap-learn": umap_learn,
}


def unit(vectors: Floats) -> Floats:
    """Rows of length 1, in place."""
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def main(name: str, vectors: Path, points: Path) -> None:
    """Reduce, write the points, print the seconds."""
    reduce = CONTENDERS[name]()
    loaded = np.load(vectors)
    started, used = time.perf_counter(), time.process_time()
    found = reduce(loaded)
    seconds, processors = time.perf_counter() - started, time.process_time() - used
    np.save(points, np.asarray(found, dtype=np.float32))
    print(seconds, processors)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
