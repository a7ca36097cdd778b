"""Affinities against openTSNE's own."""

import numpy as np
from openTSNE.affinity import joint_probabilities_nn

from embeddings.reductions.affinities import perplexity_affinities, uniform_affinities
from embeddings.reductions.layout import no_report
from embeddings.reductions.neighbours import Neighbours, find_neighbours


def some_neighbours(k: int) -> Neighbours:
    rows = np.random.default_rng(4).normal(size=(200, 8)).astype(np.float32)
    return find_neighbours(rows, k, seed=0, threads=1, report=no_report)


def test_perplexity_affinities__are_those_of_opentsne() -> None:
    neighbours = some_neighbours(30)
    theirs = joint_probabilities_nn(
        neighbours.indices, neighbours.distances.astype(np.float64), [10.0]
    )

    ours = perplexity_affinities(neighbours, 10, threads=1)

    assert np.allclose(ours.toarray(), theirs.toarray(), atol=1e-15)
    assert np.isclose(ours.sum(), 1)


def test_uniform_affinities__count_neighbours_alike_and_mutual_ones_twice() -> None:
    neighbours = some_neighbours(5)

    found = uniform_affinities(neighbours).toarray()

    assert np.isclose(found.sum(), 1)
    assert (found == found.T).all()
    chosen = np.zeros((200, 200))
    np.put_along_axis(chosen, neighbours.indices, 1, axis=1)
    assert np.allclose(found, (chosen + chosen.T) / chosen.sum() / 2)
