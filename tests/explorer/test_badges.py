"""What tiles show beside their picture, chosen by each person."""

import re

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from core.errors import InvalidInput
from explorer.badges import COOKIE, Badges, badges_of, read_badges
from explorer.state import ExplorerState
from tests.explorer.conftest import World

HTMX = {"HX-Request": "true"}


def tile(html: str, unit: int) -> str:
    """The HTML of a unit's tile."""
    found = re.search(rf'<li class="tile[^"]*" data-unit="{unit}".*?</li>', html, re.DOTALL)
    assert found is not None
    return found[0]


def choose(client: Client, world: World, *badges: str, **more: str) -> str:
    """Choose, and return what the page by names then looks like."""
    target = reverse("explorer-badges", args=[world.root.pk])
    answer = client.post(target, {"badge": list(badges)}, headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"]) == (204, "explorer:changed")
    page = reverse("explorer", args=[world.root.pk])
    return client.get(page, {"order": "name", **more}).content.decode()


def test_badges__are_those_that_a_person_chose(
    world: World, client: Client, viewer: User, outsider: User
) -> None:
    target = reverse("explorer-badges", args=[world.root.pk])
    client.force_login(outsider)
    assert client.post(target, {"badge": "name"}).status_code == 404
    client.force_login(viewer)
    usual = client.get(reverse("explorer", args=[world.root.pk])).content.decode()
    assert 'class="tile-name' in usual
    assert 'class="tile-caption' not in usual

    html = choose(client, world, ".label", ".ink", "value", similar=str(world.ids[0]))

    first, sixth = tile(html, world.ids[0]), tile(html, world.ids[5])
    assert "tile-name" not in first
    assert "tile-badge" in first
    assert re.findall(r'tile-caption[^"]*" title="([^"]*)"', first) == ["label: a", "ink: 0"]
    assert re.findall(r'tile-caption[^"]*" title="([^"]*)"', sixth) == [
        "label: c",
        "ink: no value",
    ]
    assert 'data-lines="2"' in html
    # Tiles that come later are drawn alike.
    tiles = reverse("explorer-tiles", args=[world.root.pk])
    later = client.get(tiles, {"units": str(world.ids[1])}).content.decode()
    assert 'title="label: b"' in later
    results = reverse("explorer-results", args=[world.root.pk])
    assert 'title="label: b"' in client.get(results).content.decode()

    bare = choose(client, world, similar=str(world.ids[0]))
    assert not re.search("tile-(name|badge|caption)", bare)


def test_badges__are_chosen_without_a_script(world: World, page: Client) -> None:
    target = reverse("explorer-badges", args=[world.root.pk])
    state = ExplorerState(order="name").query()

    answer = page.post(target, {"badge": ["name", ".seen"], "state": state})

    assert answer.status_code == 303
    assert answer["Location"].endswith("?order=name")
    assert 'title="seen: true"' in page.get(answer["Location"]).content.decode()


def test_badges__of_more_than_three_keys_are_refused(world: World, page: Client) -> None:
    target = reverse("explorer-badges", args=[world.root.pk])

    answer = page.post(target, {"badge": [".a", ".b", ".c", ".d"]}, headers=HTMX)

    assert answer.status_code == 400
    assert COOKIE not in answer.cookies
    with pytest.raises(InvalidInput) as refused:
        read_badges([".a", ".b", ".c", ".d"])
    assert refused.value.errors[0].path == "badge"


@pytest.mark.parametrize(
    "badges",
    [
        Badges(),
        Badges(name=False, value=False),
        Badges(keys=("name", "value", "a~b!c d=1;2")),
        Badges(name=False, keys=("größe", ".label", "%2E")),
    ],
)
def test_badges__come_back_from_their_cookie(
    world: World, page: Client, badges: Badges, rf: RequestFactory
) -> None:
    said = [*("name" if badges.name else "",), *("value" if badges.value else "",)]
    said += [f".{key}" for key in badges.keys]

    page.post(reverse("explorer-badges", args=[world.root.pk]), {"badge": said})

    request = rf.get("/")
    request.COOKIES[COOKIE] = page.cookies[COOKIE].value
    assert badges_of(request) == badges
