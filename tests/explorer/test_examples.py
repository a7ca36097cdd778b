"""Searches of several examples in the Explorer: edits, the strip, what is shown."""

import re

import numpy as np
import pytest
from django.conf import LazySettings
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from collections_app.matching import Matching, Search
from embeddings.vector_text import encode_vector
from explorer.chips import chips_of
from explorer.controls import controls_for
from explorer.edits import apply_edits
from explorer.query import count_units, unit_page
from explorer.state import ExplorerState
from explorer.strip import search_strip
from folders.models import Unit
from tests.explorer.conftest import World


@pytest.fixture
def actor(viewer: User, actor_for: "object") -> Actor:
    """Who looks."""
    return actor_for(viewer)  # type: ignore[operator, no-any-return]


def edited(state: ExplorerState, query: str) -> ExplorerState:
    """The state after a form's changes."""
    return apply_edits(state, QueryDict(query), [])


def test_more__starts_a_search_and_adds_to_it(world: World) -> None:
    one, two, three = world.ids[:3]

    state = edited(ExplorerState(embedding="clip"), f"more={one}")
    assert (state.similar, state.plus) == (one, ())
    state = edited(state, f"more={two}&less={three}")

    assert (state.similar, state.plus, state.minus) == (one, (two,), (three,))


def test_less__takes_an_example_over(world: World) -> None:
    one, two = world.ids[:2]
    state = ExplorerState(embedding="clip", similar=one, plus=(two,))

    assert edited(state, f"less={two}").minus == (two,)
    assert edited(state, f"less={two}").plus == ()
    # The first one of all too, when there is another one to be like.
    turned = edited(state, f"less={one}")
    assert (turned.similar, turned.plus, turned.minus) == (two, (), (one,))
    assert edited(ExplorerState(similar=one), f"less={one}").similar == one


def test_page__of_several_examples_is_in_the_order_of_their_blend(
    world: World, actor: Actor
) -> None:
    # Angles grow with the unit: between 2 and 6 lies 4.
    state = ExplorerState(embedding="clip", similar=world.ids[2], plus=(world.ids[6],))

    page = unit_page(actor=actor, root=world.root, state=state)

    assert page.rows[0].unit.pk == world.ids[4]


def test_page__of_a_vector(world: World, actor: Actor) -> None:
    vector = encode_vector(np.array([10.0 - 7, 7.0], dtype=np.float32))
    state = ExplorerState(embedding="clip", vector=vector)

    page = unit_page(actor=actor, root=world.root, state=state)

    assert page.rows[0].unit.pk == world.ids[7]
    assert page.rows[0].distance == 0.0


def test_page__with_the_least_similar_first(world: World, actor: Actor) -> None:
    state = ExplorerState(embedding="clip", similar=world.ids[0], farthest=True)

    page = unit_page(actor=actor, root=world.root, state=state)

    assert [row.unit.pk for row in page.rows] == world.ids[9::-1]


def test_collection__of_several_examples_is_what_the_page_shows(world: World, actor: Actor) -> None:
    state = ExplorerState(
        embedding="clip", similar=world.ids[2], plus=(world.ids[6],), distance=0.02
    )

    shown = [row.unit.pk for row in unit_page(actor=actor, root=world.root, state=state).rows]

    stored = Matching.from_json(state.matching.to_json())
    assert stored == state.matching
    units = stored.units(actor=actor, root=world.root)
    assert set(units.values_list("pk", flat=True)) == set(shown)
    assert count_units(actor=actor, root=world.root, state=state) == len(shown)


def test_search__of_an_old_recipe_is_read(world: World) -> None:
    assert Search.from_json({"key": "clip", "unit": 3, "max_distance": 0.5}) == Search(
        "clip", 3, 0.5
    )


def test_strip__shows_each_example_with_a_way_to_take_it_away(world: World, actor: Actor) -> None:
    one, two, three = world.ids[:3]
    state = ExplorerState(embedding="clip", similar=one, plus=(two,), minus=(three,))

    strip = search_strip(actor=actor, root=world.root, state=state)

    assert [(shown.tile and shown.tile.unit, shown.minus) for shown in strip.examples] == [
        (one, False),
        (two, False),
        (three, True),
    ]
    without = [ExplorerState.from_query(QueryDict(shown.without)) for shown in strip.examples]
    assert (without[0].similar, without[0].minus) == (two, (three,))
    assert (without[1].plus, without[2].minus) == ((), ())


def test_strip__of_the_last_plus_ends_the_search(world: World, actor: Actor) -> None:
    state = ExplorerState(embedding="clip", similar=world.ids[0], minus=(world.ids[3],))

    strip = search_strip(actor=actor, root=world.root, state=state)

    assert not ExplorerState.from_query(QueryDict(strip.examples[0].without)).is_search


def test_page__shows_signs_and_says_how_many(page: Client, world: World, actor: Actor) -> None:
    one, two, three = world.ids[:3]
    query: dict[str, str | int] = {"embedding": "clip", "similar": one, "plus": two, "minus": three}

    content = page.get(reverse("explorer", args=[world.root.pk]), query).content.decode()

    assert len(re.findall('class="strip-example[ "]', content)) == 3
    assert re.search(r'href="[^"]*less=\d+"[^>]*data-less', content)
    state = ExplorerState(embedding="clip", similar=one, plus=(two,), minus=(three,))
    chip = chips_of(state, controls_for(actor, world.root))[-1]
    assert chip.words == "2 plus, 1 minus"


def test_page__of_a_vector_of_another_size_says_so(page: Client, world: World) -> None:
    vector = encode_vector(np.ones(3, dtype=np.float32))

    content = page.get(
        reverse("explorer", args=[world.root.pk]), {"embedding": "clip", "vector": vector}
    ).content.decode()

    assert "2 dimensions" in content


@pytest.mark.parametrize("vector", ["?", "AAA", "k05VTVBZ"])
def test_page__of_letters_that_are_no_vector_says_so(
    page: Client, world: World, vector: str
) -> None:
    content = page.get(
        reverse("explorer", args=[world.root.pk]), {"embedding": "clip", "vector": vector}
    ).content.decode()

    assert "The vector cannot be read" in content


def test_page__tells_percentiles(world: World, page: Client) -> None:
    address = reverse("explorer", args=[world.root.pk]) + f"?embedding=clip&similar={world.ids[0]}"

    text = page.get(address).content.decode()

    assert "Nothing lies nearer." in text
    assert "20 % of all units searched lie nearer." in text, "two of ten before the third"
    assert "no longer there" not in text


def test_results__say_how_many_hits_have_gone(
    world: World, page: Client, settings: LazySettings, actor: Actor
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    state = ExplorerState(embedding="clip", similar=world.ids[0])
    cursor = unit_page(actor=actor, root=world.root, state=state, limit=4).next_cursor

    Unit.objects.filter(pk__in=world.ids[5:7]).delete()
    answer = page.get(
        reverse("explorer-results", args=[world.root.pk]),
        {"embedding": "clip", "similar": str(world.ids[0]), "cursor": cursor or ""},
    )

    text = answer.content.decode()
    assert re.findall('data-unit="([0-9]+)"', text) == [str(world.ids[i]) for i in (4, 7, 8, 9)]
    assert "2 units of these hits are no longer there." in text
