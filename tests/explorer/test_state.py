"""States and their addresses."""

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from collections_app.matching import Matching, Search
from core.errors import InvalidInput
from explorer.choices import TILE_SIZES, View
from explorer.state import ExplorerState

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
LEAVES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda v: {"field": "name", "op": "contains", "value": v}, TEXTS),
    st.builds(
        lambda v: {"field": "kind", "op": "in", "value": v},
        st.lists(st.sampled_from(["image", "video", "frame"]), min_size=1, unique=True),
    ),
    st.builds(
        lambda name, v: {"field": f"metadata.{name}", "op": "lte", "value": v},
        TEXTS.filter(bool),
        st.floats(-1e9, 1e9),
    ),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)
UNITS = st.lists(st.integers(0, 2**63 - 1), unique=True, max_size=3).map(tuple)
STATES = st.builds(
    ExplorerState,
    filter=st.one_of(
        st.none(), st.builds(lambda p: {"all": p}, st.lists(TREES, min_size=1, max_size=4))
    ),
    embedding=TEXTS,
    similar=st.one_of(st.none(), st.integers(0, 2**63 - 1)),
    plus=UNITS,
    minus=UNITS,
    vector=st.sampled_from(["", "AACAPwAAAEA"]),
    distance=st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    farthest=st.booleans(),
    roll_up=st.booleans(),
    order=st.sampled_from(["-created_at", "name", "-metadata.ink"]),
    view=st.sampled_from(list(View)),
    size=st.sampled_from(TILE_SIZES),
).map(lambda s: s if s.is_search else s.changed(similar=None))


@given(STATES)
def test_state__is_its_address(state: ExplorerState) -> None:
    assert ExplorerState.from_query(QueryDict(state.query())) == state


def test_state__of_an_empty_address_is_the_usual_one() -> None:
    state = ExplorerState.from_query(QueryDict(""))

    assert state == ExplorerState()
    assert state.query() == ""
    assert state.matching == Matching()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("filter=nonsense", "filter"),
        ("similar=-1", "similar"),
        ("similar=99999999999999999999", "similar"),
        ("similar=٣", "similar"),
        ("similar=1&plus=2,x", "plus"),
        ("similar=1&minus=-2", "minus"),
        ("similar=1&distance=far", "distance"),
        ("similar=1&distance=nan", "distance"),
        ("similar=1&distance=inf", "distance"),
        ("view=cinema", "view"),
    ],
)
def test_state__refuses_what_it_cannot_read(query: str, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ExplorerState.from_query(QueryDict(query))

    assert [error.path for error in refused.value.errors] == [path]


def test_state__names_every_error() -> None:
    with pytest.raises(InvalidInput) as refused:
        ExplorerState.from_query(QueryDict("similar=x&view=y&distance=z"))

    assert {error.path for error in refused.value.errors} == {"similar", "view", "distance"}


@pytest.mark.parametrize(
    ("said", "size"), [("", 124), ("130", 124), ("9999", 240), ("99999999", 124), ("-3", 124)]
)
def test_size__is_the_nearest_stop(said: str, size: int) -> None:
    assert ExplorerState.from_query(QueryDict(f"size={said}")).size == size


def test_threshold__belongs_to_its_search() -> None:
    state = ExplorerState(embedding="clip", similar=3, distance=0.5)

    assert state.search == Search("clip", 3, 0.5)
    assert state.changed(similar=4).distance is None
    assert state.changed(embedding="dino").distance is None
    assert state.changed(view=View.MAP).distance == 0.5
    assert ExplorerState.from_query(QueryDict("distance=0.5")).distance is None
