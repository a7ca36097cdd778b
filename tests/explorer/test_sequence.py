"""The order of all units, and tiles by unit."""

import re

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from explorer import sequence as sequences
from folders import filters
from tests.explorer.conftest import World


def sequence(page: Client, world: World, **query: str) -> list[int]:
    """The ids that the server answers."""
    answer = page.get(reverse("explorer-sequence", args=[world.root.pk]), query)
    assert answer["X-Kindred-Width"] == "4"
    ids = np.frombuffer(answer.content, "<u4").tolist()
    assert answer["X-Kindred-Count"] == str(len(ids))
    return [int(unit) for unit in ids]


def shown(page: Client, world: World, **query: str) -> list[int]:
    """The units of all pages of the grid."""
    units: list[int] = []
    answer = page.get(reverse("explorer", args=[world.root.pk]), query).content.decode()
    units += [int(unit) for unit in re.findall(r'data-unit="(\d+)"', answer)]
    return units


def test_sequence__is_not_there_for_an_outsider(
    client: Client, outsider: User, world: World
) -> None:
    client.force_login(outsider)

    for name in ("explorer-sequence", "explorer-tiles"):
        assert client.get(reverse(name, args=[world.root.pk])).status_code == 404


@pytest.mark.parametrize(
    "order", ["", "created_at", "name", "-name", "metadata.ink", "-metadata.label"]
)
def test_sequence__is_the_order_of_the_pages(page: Client, world: World, order: str) -> None:
    assert sequence(page, world, order=order) == shown(page, world, order=order)


def test_sequence__follows_the_filter(page: Client, world: World) -> None:
    tree = {"field": "metadata.label", "op": "eq", "value": "b"}
    query = filters.encode(filters.parse(tree))

    assert sequence(page, world, filter=query, order="created_at") == world.ids[1::3]


def test_sequence__of_nothing_is_empty(page: Client, world: World) -> None:
    assert sequence(page, world, filter=filters.encode(filters.parse({"any": []}))) == []


def test_sequence__holds_what_the_person_sees(
    client: Client, night_viewer: User, world: World
) -> None:
    client.force_login(night_viewer)

    assert sequence(client, world, order="created_at") == world.ids[8:]


def test_sequence__of_ids_beyond_32_bits_comes_in_eight_bytes(page: Client, world: World) -> None:
    from tests.factories import UnitFactory

    far = UnitFactory.create(pk=2**33, item__folder=world.root)

    answer = page.get(reverse("explorer-sequence", args=[world.root.pk]))

    assert answer["X-Kindred-Width"] == "8"
    assert np.frombuffer(answer.content, "<f8")[0] == far.pk


def test_tiles__come_in_the_order_named(page: Client, world: World) -> None:
    wanted = [world.ids[7], world.ids[2]]

    answer = page.get(
        reverse("explorer-tiles", args=[world.root.pk]),
        {"units": ",".join(map(str, wanted)), "order": "metadata.ink"},
    )

    content = answer.content.decode()
    assert [
        int(unit) for unit in re.findall(r'<li class="tile" data-unit="(\d+)"', content)
    ] == wanted
    # The badge of the order's key.
    assert "0.7" in content
    assert "bird-07.png" in content


def test_tiles__mark_what_is_gone_or_not_to_be_seen(
    client: Client, night_viewer: User, world: World
) -> None:
    client.force_login(night_viewer)
    wanted = f"{world.ids[0]},{world.ids[9]}"

    answer = client.get(reverse("explorer-tiles", args=[world.root.pk]), {"units": wanted})

    content = answer.content.decode()
    assert "bird-00.png" not in content
    assert "bird-09.png" in content
    assert content.count("This unit is gone") == 1


@pytest.mark.parametrize("units", ["x", "1,-2", ",".join("1" for _ in range(501))])
def test_tiles__refuse_what_names_no_units(page: Client, world: World, units: str) -> None:
    answer = page.get(reverse("explorer-tiles", args=[world.root.pk]), {"units": units})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "query", [{}, {"first": "farthest"}, {"distance": "0.2"}, {"filter": "label"}, {"roll_up": "1"}]
)
def test_sequence__of_a_search_is_its_ranking(
    page: Client, world: World, query: dict[str, str]
) -> None:
    if "filter" in query:
        tree = {"field": "metadata.label", "op": "in", "value": ["a", "b"]}
        query = {"filter": filters.encode(filters.parse(tree))}
    asked = {"embedding": "clip", "similar": str(world.ids[4]), **query}

    ranked = sequence(page, world, **asked)

    assert len(ranked) > 3
    assert ranked == list(dict.fromkeys(shown(page, world, **asked)))


def test_sequence__of_a_search_ends_where_scrolling_does(
    page: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"embedding": "clip", "similar": str(world.ids[0])}
    monkeypatch.setattr(sequences, "MAX_RANKED", 3)

    assert sequence(page, world, **asked) == world.ids[:3]


def test_tiles__of_a_search_tell_their_distance(page: Client, world: World) -> None:
    answer = page.get(
        reverse("explorer-tiles", args=[world.root.pk]),
        {
            "embedding": "clip",
            "similar": str(world.ids[0]),
            "units": f"{world.ids[11]},{world.ids[5]}",
        },
    )

    content = answer.content.decode()
    # Angle 45 degrees; the other one has no vector.
    assert content.count("tile-badge") == 1
    assert f"{1 - 0.5**0.5:.3f}" in content
