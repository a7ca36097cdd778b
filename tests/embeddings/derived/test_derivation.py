"""One vector of several: mean and medoid under each metric."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from embeddings import derivation
from embeddings.choices import Derivation
from embeddings.derivation import Blocks, Derived, derive
from embeddings.search.distance import distances
from folders.choices import Metric

Rows = npt.NDArray[np.float32]
MEAN, MEDOID = Derivation.MEAN, Derivation.MEDOID

matrices = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 5)),
    elements=st.integers(-8, 8).map(float),
)


def in_blocks(rows: Rows, size: int = 3) -> Blocks:
    return lambda: (rows[start : start + size] for start in range(0, len(rows), size))


def made(rows: list[list[float]], method: Derivation, metric: Metric) -> Derived | None:
    return derive(in_blocks(np.array(rows, dtype=np.float32)), method=method, metric=metric)


def value(derived: Derived | None) -> list[float]:
    assert derived is not None
    assert derived.value.dtype == np.float32
    return [float(number) for number in derived.value]


def test_mean__of_directions_under_cosine() -> None:
    derived = made([[10, 0], [0, 0.5], [0, 0]], MEAN, Metric.COSINE)

    assert value(derived) == [0.5, 0.5]
    # The zero vector has no direction.
    assert derived is not None
    assert derived.members == 2


@pytest.mark.parametrize("metric", [Metric.L2, Metric.INNER_PRODUCT])
def test_mean__arithmetic_under_the_others(metric: Metric) -> None:
    derived = made([[10, 0], [0, 0.5], [0, 0]], MEAN, metric)

    assert value(derived) == pytest.approx([10 / 3, 0.5 / 3], rel=1e-7)
    assert derived is not None
    assert derived.members == 3


def test_mean__zero_is_a_vector_unless_directions_are_asked_for() -> None:
    opposite = [[1.0, 2.0], [-1.0, -2.0]]

    assert value(made(opposite, MEAN, Metric.L2)) == [0, 0]
    assert made(opposite, MEAN, Metric.COSINE) is None
    # Three directions that cancel out leave some dust, as their numbers are rounded.
    third = [[np.cos(turn), np.sin(turn)] for turn in (0, 2 * np.pi / 3, 4 * np.pi / 3)]
    assert made(np.array(third, dtype=np.float32).tolist(), MEAN, Metric.COSINE) is None
    assert made([[1, 0, 0], [-7, 0, 0], [0, 2, 0], [0, -3, 0]], MEAN, Metric.COSINE) is None


@pytest.mark.parametrize("method", list(Derivation))
def test_derive__of_nothing_is_nothing(method: Derivation) -> None:
    assert derive(lambda: (), method=method, metric=Metric.L2) is None
    assert made([[0, 0], [0, 0]], method, Metric.COSINE) is None


def test_mean__large_and_small_numbers_are_summed_in_float64() -> None:
    rows = [[1e8], *([[1.0]] * 1000)]

    assert value(made(rows, MEAN, Metric.L2)) == [np.float32((1e8 + 1000) / 1001)]
    assert value(made([[3e38], [3e38]], MEAN, Metric.L2)) == [np.float32(3e38)]


def naive_medoid(rows: Rows, metric: Metric) -> int:
    """By the distances of all pairs."""
    sums = []
    for place, row in enumerate(rows):
        others = np.delete(rows, place, axis=0)
        sums.append(float(distances(row, others, metric).sum()) if len(others) else 0.0)
    least = min(sums)
    return next(place for place, total in enumerate(sums) if total <= least + 1e-9)


@given(matrices, st.sampled_from(list(Metric)))
def test_medoid__is_the_one_with_the_least_sum_of_distances(rows: Rows, metric: Metric) -> None:
    counting = rows[np.abs(rows).sum(axis=1) > 0] if metric == Metric.COSINE else rows

    derived = derive(in_blocks(rows), method=MEDOID, metric=metric)

    if not len(counting):
        assert derived is None
        return
    assert derived is not None
    assert derived.members == len(counting)
    assert derived.value.tolist() == counting[naive_medoid(counting, metric)].tolist()


@given(matrices, st.integers(1, 12), st.sampled_from(list(Metric)), st.sampled_from(Derivation))
def test_derive__does_not_depend_on_how_rows_are_cut_into_blocks(
    rows: Rows, size: int, metric: Metric, method: Derivation
) -> None:
    whole = derive(lambda: (rows,), method=method, metric=metric)
    cut = derive(in_blocks(rows, size), method=method, metric=metric)

    assert (whole is None) == (cut is None)
    if whole is not None and cut is not None:
        assert whole.members == cut.members
        assert cut.value == pytest.approx(whole.value, rel=1e-6, abs=1e-7)


def test_medoid__is_as_it_was_sent() -> None:
    assert value(made([[3, 4], [0.6, 0.8], [0, 9]], MEDOID, Metric.COSINE)) == [3, 4]
    assert value(made([[5.0, 5.0]], MEDOID, Metric.L2)) == [5, 5]


def test_medoid__of_too_many_is_that_of_some_evenly_spread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(derivation, "MEDOID_EXACT", 3)
    # Looked at: places 0, 4 and 8.
    rows = [[float(n)] for n in (0, 40, 41, 42, 10, 43, 44, 45, 90)]

    derived = made(rows, MEDOID, Metric.L2)

    assert value(derived) == [10]
    assert derived is not None
    assert derived.members == 9
    # A sum with all others is one product: it needs no such limit.
    assert value(made(rows, MEDOID, Metric.INNER_PRODUCT)) == [90]
