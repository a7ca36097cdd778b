"""Compare as a page and over REST."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from folders.models import Folder
from tests.collections.comparisons.conftest import World


@pytest.fixture
def page(client: Client, viewer: User) -> Client:
    """A browser of the viewer."""
    client.force_login(viewer)
    return client


def test_page__is_not_there_for_an_outsider(client: Client, outsider: User, world: World) -> None:
    client.force_login(outsider)

    for name in ("comparison", "comparison-differences", "comparison-nearest"):
        assert client.get(reverse(name, args=[world.root.pk]), world.refs()).status_code == 404


def test_page__takes_the_first_two_sets_by_itself(page: Client, world: World) -> None:
    answer = page.get(reverse("comparison", args=[world.root.pk]))

    compared = answer.context["compared"]
    assert (compared.a.label, compared.b.label) == ("Early", "Late")
    assert "Jaccard 0.20" in answer.content.decode()


def test_page__compares_one_set_with_the_rest(page: Client, world: World) -> None:
    world.late.delete()

    answer = page.get(reverse("comparison", args=[world.root.pk]))

    assert answer.context["compared"].b.label == "Not in Early"


def test_page__without_sets_says_what_to_do(page: Client, birds: Folder) -> None:
    answer = page.get(reverse("comparison", args=[birds.pk]))

    assert "Nothing to compare yet" in answer.content.decode()


def test_page__of_a_set_that_went_says_so(page: Client, world: World) -> None:
    refs = world.refs()
    world.early.delete()

    answer = page.get(reverse("comparison", args=[world.root.pk]), refs)

    assert answer.status_code == 404
    assert "no such collection" in answer.content.decode()


def test_differences__are_drawn(page: Client, world: World) -> None:
    answer = page.get(reverse("comparison-differences", args=[world.root.pk]), world.refs())

    rows = {row.difference.field: row for row in answer.context["telling"]}
    assert rows["metadata.ink"].effect == "d = 2.14"
    assert "metadata.seen" in {row.difference.field for row in answer.context["silent"]}
    assert 'style="' not in answer.content.decode()


def test_nearest__shows_the_hits(page: Client, world: World) -> None:
    answer = page.get(reverse("comparison-nearest", args=[world.root.pk]), world.refs())

    names = [tile.name for tile in answer.context["tiles"]]
    assert names == ["bird-6.png", "bird-7.png", "bird-8.png"]


def test_api__answers_in_numbers(page: Client, world: World) -> None:
    answer = page.get(f"/api/v1/folders/{world.root.pk}/comparison/", world.refs())

    body = answer.json()
    assert body["overlap"] == {
        "only_a": 4,
        "only_b": 4,
        "in_both": 2,
        "neither": 0,
        "jaccard": 0.2,
    }
    ink = next(one for one in body["differences"] if one["name"] == "metadata.ink")
    assert ink["effect"]["magnitude"] == "large"


def test_api__names_the_side_that_is_wrong(page: Client, world: World) -> None:
    answer = page.get(f"/api/v1/folders/{world.root.pk}/comparison/", {"a": "all", "b": "what"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "b"
