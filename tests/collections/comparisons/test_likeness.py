"""Find more like this set: the Explorer, searching near the mean of a set."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from embeddings.vector_text import decode_vector
from folders import filters
from tests.collections.comparisons.conftest import World


@pytest.fixture
def address(world: World) -> str:
    """Where it is asked for."""
    return reverse("more-like", args=[world.root.pk])


def test_more_like__leads_to_a_search_without_the_set(
    world: World, address: str, client: Client, outsider: User, viewer: User
) -> None:
    asked = {"set": f"collection:{world.late.pk}", "embedding": "clip"}
    client.force_login(outsider)
    assert client.get(address, asked).status_code == 404

    client.force_login(viewer)
    led = client.get(address, asked)

    parts = parse_qs(urlsplit(led["Location"]).query)
    tree = filters.decode(parts["filter"][0]).to_json()
    assert tree == {"all": [{"field": "collection", "op": "not_in", "value": [str(world.late.pk)]}]}
    assert parts["embedding"] == ["clip"]
    rows = np.array([[10.0 - i, i] for i in range(4, 9)])
    expected = (rows / np.linalg.norm(rows, axis=1)[:, None]).mean(axis=0)
    np.testing.assert_allclose(decode_vector(parts["vector"][0]), expected, rtol=1e-6)
    shown = client.get(led["Location"])
    text = shown.content.decode()
    # Unit 9 has no vector, and that is said.
    assert "the mean of 5 vectors of Late under clip" in text
    assert "1 unit of it has none that counts" in text
    assert [tile.name for tile in shown.context["tiles"]][:2] == ["bird-3.png", "bird-2.png"]
    assert "Late" in text


def test_more_like__takes_any_set_of_a_comparison(
    world: World, address: str, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    compared = client.get(reverse("comparison", args=[world.root.pk]), world.refs() | {"b": "rest"})

    links = compared.context["more_like"]
    tree = {"not": {"not": {"field": "collection", "op": "in", "value": [str(world.early.pk)]}}}
    for name, expected in (("a", "not_in"), ("b", tree)):
        led = client.get(links[name])
        parts = parse_qs(urlsplit(led["Location"]).query)
        (condition,) = filters.decode(parts["filter"][0]).to_json()["all"]
        assert condition.get("op", condition) == expected


def test_more_like__says_why_there_is_no_mean(
    world: World, address: str, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    ref = f"collection:{world.late.pk}"
    for unit in world.late.members.exclude(unit=world.units[9]):
        unit.delete()

    nothing = client.get(address, {"set": ref}, follow=True)

    assert "No unit of Late has a vector under clip" in nothing.content.decode()
    assert "vector" not in parse_qs(nothing.request["QUERY_STRING"])
    assert client.get(address, {"set": "nonsense"}).status_code == 400
    assert client.get(address, {"set": ref, "embedding": "gone"}).status_code == 400
