"""Options of the reduction methods."""

from typing import Any

import pytest

from embeddings.reductions import (
    ParametersError,
    PcaParameters,
    TsneParameters,
    parse_parameters,
)
from embeddings.reductions.parameters import as_json, option_names


def test_parse_parameters__takes_defaults_for_what_is_missing() -> None:
    assert parse_parameters("tsne", {}) == TsneParameters(perplexity=30, exaggeration=1, seed=42)
    assert parse_parameters("pca", {"seed": 7}) == PcaParameters(seed=7)


def test_parse_parameters__makes_numbers_of_one_kind() -> None:
    parsed = parse_parameters("tsne", {"perplexity": 12, "exaggeration": 2, "seed": 3.0})

    assert as_json(parsed) == {"perplexity": 12.0, "exaggeration": 2.0, "seed": 3}
    assert isinstance(as_json(parsed)["perplexity"], float)
    assert isinstance(as_json(parsed)["seed"], int)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("perplexity", 1.9),
        ("perplexity", 201),
        ("perplexity", "30"),
        ("perplexity", None),
        ("perplexity", True),
        ("perplexity", float("nan")),
        ("perplexity", float("inf")),
        ("perplexity", [30]),
        ("exaggeration", 0.9),
        ("exaggeration", 12.1),
        ("seed", -1),
        ("seed", 1.5),
        ("seed", 2**32),
        ("seed", float("nan")),
        ("neighbours", 15),
    ],
)
def test_parse_parameters__refuses_a_wrong_option_by_name(name: str, value: Any) -> None:
    with pytest.raises(ParametersError) as refused:
        parse_parameters("tsne", {name: value})

    assert list(refused.value.problems) == [name]
    assert refused.value.problems[name].endswith(".")


def test_parse_parameters__names_all_wrong_options_together() -> None:
    with pytest.raises(ParametersError) as refused:
        parse_parameters("tsne", {"perplexity": 0, "seed": "x", "speed": 1})

    assert set(refused.value.problems) == {"perplexity", "seed", "speed"}


def test_parse_parameters__refuses_an_unknown_method() -> None:
    with pytest.raises(ParametersError, match="no method “umap”"):
        parse_parameters("umap", {})


def test_parse_parameters__refuses_options_of_the_other_method() -> None:
    with pytest.raises(ParametersError, match="it takes seed"):
        parse_parameters("pca", {"perplexity": 30})


def test_option_names__of_each_method() -> None:
    assert option_names("tsne") == ["perplexity", "exaggeration", "seed"]
    assert option_names("pca") == ["seed"]
    assert option_names("umap") == []


@pytest.mark.parametrize(("count", "perplexity"), [(4, 1), (10, 3), (91, 30), (5000, 30)])
def test_perplexity_for__never_asks_for_more_neighbours_than_there_are(
    count: int, perplexity: float
) -> None:
    assert TsneParameters().perplexity_for(count) == perplexity
