"""t-SNE on real vectors and on every awkward number of them."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

from embeddings.reductions import (
    Layout,
    PcaParameters,
    Phase,
    Progress,
    ReductionError,
    TsneParameters,
    parse_parameters,
    reduce_vectors,
    reduction,
    tsne,
)
from embeddings.reductions.layout import finished_layout
from embeddings.reductions.preparation import Metric


def cloud(count: int, dimensions: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, dimensions)).astype(np.float32)


def lay_out(vectors: np.ndarray, metric: Metric = "cosine", **options: float) -> Layout:
    parameters = parse_parameters("tsne", options)
    return reduce_vectors(vectors.copy(), metric=metric, parameters=parameters, threads=1)


def neighbours(points: np.ndarray, k: int) -> np.ndarray:
    found: np.ndarray = (
        NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)
    )
    return found


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """500 real handwritten digits: vectors (500, 64) and labels (500,)."""
    images, labels = load_digits(return_X_y=True)
    return images[:500].astype(np.float32), labels[:500]


@pytest.fixture(scope="module")
def digits_map(digits: tuple[np.ndarray, np.ndarray]) -> Layout:
    return lay_out(digits[0])


def test_tsne__neighbours_on_the_map_carry_the_same_label(
    digits: tuple[np.ndarray, np.ndarray], digits_map: Layout
) -> None:
    labels = digits[1]

    same = (labels[neighbours(digits_map.points, 10)] == labels[:, None]).mean()

    # Among the ten nearest in all 64 dimensions it is .93.
    assert same > 0.88


def test_tsne__neighbours_stay_neighbours(
    digits: tuple[np.ndarray, np.ndarray], digits_map: Layout
) -> None:
    unit = digits[0] / np.linalg.norm(digits[0], axis=1, keepdims=True)

    kept = [
        len(set(before) & set(after)) / 10
        for before, after in zip(
            neighbours(unit, 10), neighbours(digits_map.points, 10), strict=True
        )
    ]

    assert np.mean(kept) > 0.5


def test_tsne__says_what_it_used(digits_map: Layout) -> None:
    assert digits_map.kl is not None
    assert 0 < digits_map.kl < 2
    assert digits_map.points.dtype == np.float32
    assert digits_map.used["perplexity"] == 30
    assert digits_map.used["neighbours"] == "exact"
    assert digits_map.used["gradient"] == "splines"
    assert digits_map.used["components"] is None
    assert digits_map.used["dimensions"] == 64
    assert digits_map.used["libraries"]["openTSNE"]


def test_tsne__is_reproducible_for_a_seed() -> None:
    vectors = cloud(120, 16)

    first, second = lay_out(vectors, seed=1), lay_out(vectors, seed=1)

    assert (first.points == second.points).all()
    assert not (first.points == lay_out(vectors, seed=2).points).all()


def test_tsne__cosine_does_not_see_lengths() -> None:
    vectors = cloud(60, 8)
    longer = vectors * np.float32(4) ** np.arange(60, dtype=np.float32)[:, None].clip(0, 20)

    assert np.allclose(lay_out(vectors).points, lay_out(longer).points)
    assert not np.allclose(lay_out(vectors).points, lay_out(longer, "l2").points)


@pytest.mark.parametrize(
    ("count", "metric"),
    [
        *((count, "cosine") for count in (0, 1, 2, 3, 4, 5, 10, 31, 92)),
        *((count, "l2") for count in (0, 2, 3, 4, 40)),
        *((count, "inner_product") for count in (0, 3, 40)),
    ],
)
def test_tsne__any_number_of_points_gives_a_map(count: int, metric: Metric) -> None:
    layout = lay_out(cloud(count, 6), metric)

    assert layout.points.shape == (count, 2)
    assert np.isfinite(layout.points).all()
    assert len(np.unique(layout.points, axis=0)) == count


@pytest.mark.parametrize("parameters", [TsneParameters(), PcaParameters()])
@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (40, 1), (40, 4096)])
def test_tsne__any_number_of_dimensions_gives_a_map(
    shape: tuple[int, int], parameters: TsneParameters | PcaParameters
) -> None:
    layout = reduce_vectors(cloud(*shape), metric="l2", parameters=parameters)

    assert layout.points.shape == (shape[0], 2)
    assert np.isfinite(layout.points).all()


def test_tsne__three_points_keep_their_triangle() -> None:
    corners = np.array([[0, 0, 0], [3, 0, 0], [0, 4, 0]], dtype=np.float32)

    points = lay_out(corners, "l2").points

    sides = [np.linalg.norm(points[a] - points[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert np.allclose(np.array(sides) / sides[0] * 3, [3, 4, 5], rtol=1e-4)


@pytest.mark.parametrize("count", [2, 3, 4, 500])
def test_tsne__identical_points_lie_on_one_place(count: int) -> None:
    layout = lay_out(np.full((count, 7), 0.3, dtype=np.float32))

    assert (layout.points == 0).all()
    assert layout.used["layout"] == "direct"


def test_threads_for__few_points_take_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduction, "usable_threads", lambda: 8)

    assert reduction.threads_for(1797) == 1
    assert reduction.threads_for(reduction.THREADS_FROM_POINTS) == 8


def test_tsne__copies_of_a_few_vectors_give_a_map() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 50, axis=0)

    points = lay_out(vectors).points

    assert np.isfinite(points).all()
    groups = [points[start : start + 50] for start in (0, 50, 100)]
    middles = np.array([group.mean(axis=0) for group in groups])
    widest = max(np.linalg.norm(group - group.mean(axis=0), axis=1).max() for group in groups)
    nearest = min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert widest < nearest / 2


def test_tsne__opposite_vectors_of_one_dimension_part() -> None:
    vectors = np.concatenate([np.full(30, 2), np.full(30, -5)])[:, None].astype(np.float32)

    points = lay_out(vectors).points

    assert np.linalg.norm(points[:30].mean(axis=0) - points[30:].mean(axis=0)) > 1


def test_tsne__perplexity_adapts_to_few_points() -> None:
    assert lay_out(cloud(31, 4), perplexity=50).used["perplexity"] == 10


def test_tsne__exaggeration_that_would_make_one_dot_is_taken_back() -> None:
    layout = lay_out(cloud(60, 16), exaggeration=12)

    assert layout.used["exaggeration"] < 12
    assert layout.points.std() > tsne.COLLAPSED


def test_tsne__many_dimensions_and_points_go_through_components(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tsne, "MAX_FULL_PRODUCTS", 1)
    monkeypatch.setattr(tsne, "COMPONENTS", 100)
    monkeypatch.setattr(tsne, "EARLY_ITERATIONS", 20)
    monkeypatch.setattr(tsne, "ITERATIONS", 20)

    layout = lay_out(cloud(200, 150))

    assert layout.used["components"] == 100
    assert layout.used["iterations"] == [20, 20]


def test_fast__goes_through_components_much_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsne, "FAST_MAX_FULL_PRODUCTS", 200 * 200 * 150 - 1)
    monkeypatch.setattr(tsne, "COMPONENTS", 100)
    fast = parse_parameters("tsne_fast", {})

    used = reduce_vectors(cloud(200, 150), metric="cosine", parameters=fast, threads=1).used
    smaller = reduce_vectors(cloud(199, 150), metric="cosine", parameters=fast, threads=1).used

    assert used["components"] == 100
    assert smaller["components"] is None
    assert lay_out(cloud(200, 150)).used["components"] is None


def test_tsne__reports_phases_in_order_with_iterations_and_divergence() -> None:
    heard: list[Progress] = []

    reduce_vectors(
        cloud(50, 4), metric="l2", parameters=TsneParameters(), threads=1, report=heard.append
    )

    assert list(dict.fromkeys(one.phase for one in heard)) == list(Phase)
    layout = [one for one in heard if one.phase is Phase.LAYOUT]
    assert [one.done for one in layout] == list(range(10, 501, 10))
    assert all(one.total == 500 and one.kl is not None for one in layout)


class Stopped(BaseException):
    """What a cancelled job raises."""


@pytest.mark.parametrize("phase", list(Phase))
def test_tsne__ends_when_the_listener_raises(phase: Phase) -> None:
    def stop(progress: Progress) -> None:
        if progress.phase is phase:
            raise Stopped

    with pytest.raises(Stopped):
        reduce_vectors(cloud(50, 4), metric="l2", parameters=TsneParameters(), report=stop)


def test_finished_layout__refuses_points_at_infinity() -> None:
    with pytest.raises(ReductionError, match="did not settle"):
        finished_layout(np.array([[0.0, np.inf]]), kl=None, used={})
