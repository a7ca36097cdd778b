"""Vectors for suites: real ones when a file of them is at hand, clustered ones otherwise."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# Length of the noise that makes further vectors of the real ones, beside their own length of 1.
_NOISE = 0.3
_BLOCK = 50_000


def vectors_like(source: Path | None, count: int, dimensions: int) -> Floats:
    """Vectors of length 1, the same in every run.

    Args:
        source: a file of numpy with real vectors: those, and beyond their number those with noise.
            Without one: 100 clusters, as embeddings of pictures lie.
        count, dimensions: the shape wanted; the file's own dimensions go before.
    """
    generator = np.random.default_rng(20261127)
    if source is None:
        centres = generator.standard_normal((100, dimensions)).astype(np.float32)
    else:
        centres = np.load(source).astype(np.float32)
    vectors = np.empty((count, centres.shape[1]), dtype=np.float32)
    for start in range(0, count, _BLOCK):
        block = vectors[start : start + _BLOCK]
        numbers = np.arange(start, start + len(block))
        block[:] = centres[numbers % len(centres)]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        noise = generator.standard_normal(block.shape, dtype=np.float32)
        noise *= _NOISE / np.sqrt(block.shape[1])
        noise[(numbers < len(centres)) & (source is not None)] = 0
        block += noise
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    return vectors


def shaken(vectors: Floats, count: int) -> Floats:
    """Queries: some of the vectors with noise, near the data and equal to none of it."""
    generator = np.random.default_rng(7)
    chosen = vectors[generator.choice(len(vectors), count, replace=count > len(vectors))]
    noise = generator.standard_normal(chosen.shape) * (_NOISE / np.sqrt(chosen.shape[1]))
    moved: Floats = (chosen + noise).astype(np.float32)
    return moved
