"""Effect sizes against hand-made and published numbers."""

import math

import pytest

from collections_app.comparisons.effects import (
    Effect,
    Magnitude,
    Moments,
    cohens_d,
    cohens_h,
    cramers_v,
)


def test_cohens_d__is_the_difference_in_pooled_deviations() -> None:
    # 1 2 3 and 3 4 5: means 2 and 4, both of variance 1.
    effect = cohens_d(Moments(3, 2.0, 1.0), Moments(3, 4.0, 1.0))

    assert effect == Effect("d", 2.0)


def test_cohens_d__weighs_variances_by_their_freedom() -> None:
    effect = cohens_d(Moments(11, 0.0, 4.0), Moments(31, 1.0, 1.0))

    assert effect is not None
    assert effect.value == pytest.approx(1 / math.sqrt((10 * 4.0 + 30 * 1.0) / 40))


def test_cohens_d__of_groups_that_do_not_vary() -> None:
    same, other = Moments(5, 1.0, 0.0), Moments(5, 2.0, 0.0)

    assert cohens_d(same, same) == Effect("d", 0.0)
    assert cohens_d(same, other) == Effect("d", math.inf)


def test_cohens_d__of_single_values() -> None:
    assert cohens_d(Moments(1, 1.0, 0.0), Moments(1, 2.0, 0.0)) == Effect("d", math.inf)


def test_cohens_d__without_values_is_none() -> None:
    assert cohens_d(Moments(0, 0.0, 0.0), Moments(3, 1.0, 1.0)) is None


def test_cohens_h__of_cohens_own_example() -> None:
    # Cohen 1988, table 6.2.2: shares of .65 and .50 are .305 apart (1.875 less 1.571).
    assert cohens_h(0.65, 0.50).value == pytest.approx(0.3047, abs=5e-4)


def test_cramers_v__of_equal_shares_is_zero() -> None:
    effect = cramers_v({"x": 10, "y": 30}, {"x": 1, "y": 3})

    assert effect is not None
    assert effect.value == pytest.approx(0.0)


def test_cramers_v__of_categories_apart_is_one() -> None:
    effect = cramers_v({"x": 7}, {"y": 5, "z": 2})

    assert effect is not None
    assert effect.value == pytest.approx(1.0)


def test_cramers_v__of_a_table_reckoned_by_hand() -> None:
    # Rows 30/10 and 20/40: chi-square 100 * (30*40 - 10*20)^2 / (40 * 60 * 50 * 50) = 16.67.
    effect = cramers_v({"x": 30, "y": 10}, {"x": 20, "y": 40})

    assert effect is not None
    assert effect.value == pytest.approx(math.sqrt(16.6667 / 100), abs=1e-4)


def test_cramers_v__without_values_is_none() -> None:
    assert cramers_v({}, {"x": 1}) is None


@pytest.mark.parametrize(
    ("letter", "value", "magnitude"),
    [
        ("d", 0.19, Magnitude.NEGLIGIBLE),
        ("d", 0.2, Magnitude.SMALL),
        ("h", 0.5, Magnitude.MEDIUM),
        ("V", 0.5, Magnitude.LARGE),
        ("V", 0.3, Magnitude.MEDIUM),
        ("d", math.inf, Magnitude.LARGE),
    ],
)
def test_magnitude__begins_at_its_least_value(
    letter: str, value: float, magnitude: Magnitude
) -> None:
    assert Effect(letter, value).magnitude == magnitude
