"""Bars of a histogram, of values and of limits that leave some of them open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.search import blocks
from embeddings.search.bars import Bars

FINITE = st.floats(-1e6, 1e6)


@given(
    values=st.lists(FINITE, min_size=1, max_size=60),
    width=st.sampled_from([0.0, 1e-9, 1e-3, 10.0, np.inf]),
    count=st.integers(1, 50),
    on_edges=st.booleans(),
)
def test_bars__of_limits_and_of_what_they_leave_open(
    values: list[float], width: float, count: int, *, on_edges: bool
) -> None:
    bars = Bars(min(values), max(values), count)
    exact = bars.edges.copy() if on_edges else np.array(values)

    sure, open_ones = bars.counted_surely(exact - width, exact + width)

    assert (sure + bars.counted(exact[open_ones]) == bars.counted(exact)).all()


def test_bars__hold_what_a_histogram_of_numpy_does() -> None:
    values = np.random.default_rng(0).normal(size=3 * 2**15 + 7)
    bars = Bars(float(values.min()), float(values.max()), 48)

    sure, open_ones = bars.counted_surely(values, values)

    assert len(open_ones) < 10
    found = sure + bars.counted(values[open_ones])
    assert found.tolist() == np.histogram(values, bars.edges)[0].tolist()


@pytest.mark.parametrize("count", [0, 1, 2**15, 2**15 + 1])
def test_blocks__cover_everything_once(count: int) -> None:
    numbers = np.arange(count)

    parts = [numbers[part] for part in blocks.blocks(count)]

    assert np.concatenate([numbers[:0], *parts]).tolist() == numbers.tolist()
