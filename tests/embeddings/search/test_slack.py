"""The bounds hold for what PostgreSQL computes."""

import numpy as np
import pytest

from accounts.models import User
from embeddings.search.distance import distances
from embeddings.search.postgres import PostgresEngine
from embeddings.search.question import Question
from embeddings.search.slack import slack_of
from folders.choices import Metric
from folders.models import Folder
from tests.embeddings.worlds import make_key, make_units, put


def test_slack__is_narrow_for_ordinary_vectors() -> None:
    query = np.ones(512, dtype=np.float32)

    assert slack_of(query, Metric.COSINE).absolute == pytest.approx(6.5e-5, rel=0.01)
    assert slack_of(query, Metric.L2).relative == pytest.approx(3.1e-5, rel=0.01)


def test_slack__extreme_query_is_scaled_by_a_power_of_two() -> None:
    query = np.array([3e30, 1e30], dtype=np.float32)

    slack = slack_of(query, Metric.INNER_PRODUCT)

    assert 0.5 <= np.linalg.norm(slack.query) <= 1
    assert (slack.query.astype(np.float64) / slack.scale).tolist() == query.tolist()


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("dimensions", [1, 3, 512, 2000, 4096])
@pytest.mark.parametrize("query_length", [1e-30, 1.0, 1e30])
def test_bounds__hold_whatever_the_lengths(
    metric: Metric, dimensions: int, query_length: float, birds: Folder, editor: User
) -> None:
    generator = np.random.default_rng(dimensions)
    lengths = np.float32(10) ** generator.integers(-37, 34, 80).astype(np.float32)
    lengths[:40] = 1
    rows = generator.standard_normal((80, dimensions)).astype(np.float32)
    rows = (rows / np.float32(max(1, dimensions**0.5)) * lengths[:, np.newaxis]).astype(np.float32)
    # Nearly the same direction: the subtraction 1 - cosine then has few digits left.
    rows[1:20] = rows[0] + generator.standard_normal((19, dimensions)).astype(np.float32) * 1e-6
    units = make_units(birds, 80)
    key = make_key(birds, dimensions=dimensions, metric=metric)
    put(key, dict(zip(units, rows.tolist(), strict=True)))
    query = (rows[0] * np.float32(query_length)).astype(np.float32)
    question = Question(key.pk, birds.pk, metric, query, None, None)

    bounds = PostgresEngine().bounds(question)

    exact = dict(zip(units, distances(query, rows, metric).tolist(), strict=True))
    assert sorted(bounds.unit_ids.tolist()) == units
    for unit, lower, upper in zip(
        bounds.unit_ids.tolist(), bounds.lower.tolist(), bounds.upper.tolist(), strict=True
    ):
        assert lower <= exact[unit] <= upper
