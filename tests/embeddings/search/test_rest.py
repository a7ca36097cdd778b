"""Searches over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put

ActorFor = Callable[[User], Actor]
Ask = Callable[..., Any]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def ask(client: Client, actor_for: ActorFor) -> Ask:
    """Posts a search as somebody's API token would."""

    def send(user: User, folder: Folder, body: dict[str, Any], part: str = "") -> Any:
        _, token = create_token(actor=actor_for(user), name="test", scope=TokenScope.WRITE)
        return client.post(
            f"/api/v1/folders/{folder.pk}/search/{part}",
            data=body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    return send


def test_search__not_for_strangers(
    birds: Folder,
    key: MetadataKey,
    outsider: User,
    member: User,
    viewer: User,
    ask: Ask,
    client: Client,
) -> None:
    body = {"key": key.name, "vector": [1, 0]}

    assert client.post(f"/api/v1/folders/{birds.pk}/search/", body).status_code == 401
    assert ask(outsider, birds, body).status_code == 404
    assert ask(member, birds, body).status_code == 404

    assert ask(viewer, birds, body).json()["hits"] == []


def test_search__pages_of_described_hits(
    birds: Folder, key: MetadataKey, viewer: User, ask: Ask
) -> None:
    units = make_units(birds, 4)
    put(key, {unit: [1, place] for place, unit in enumerate(units[:3])})
    body: dict[str, Any] = {"key": key.name, "unit": units[0], "limit": 2}

    first = ask(viewer, birds, body).json()
    second = ask(viewer, birds, {**body, "cursor": first["next_cursor"]}).json()

    item = Unit.objects.get(pk=units[0]).item
    assert first["hits"][0] == {
        "unit": units[0],
        "item": str(item.pk),
        "name": item.name,
        "kind": "image",
        "frame": None,
        "distance": 0.0,
        "percentile": 0.0,
        "like": None,
    }
    assert [hit["percentile"] for hit in first["hits"] + second["hits"]] == pytest.approx(
        [0, 100 / 3, 200 / 3]
    )
    assert (first["gone"], first["distances"]) == (0, None)
    assert (first["how"], first["searched"]) == ("exact", 3)
    assert first["left_out"] == {"no_vector": 1, "zero": 0}
    assert [hit["unit"] for hit in first["hits"] + second["hits"]] == units[:3]
    assert second["next_cursor"] is None


def test_search__within_a_filter_a_threshold_and_a_folder_below(
    birds: Folder, night: Folder, key: MetadataKey, viewer: User, night_viewer: User, ask: Ask
) -> None:
    above, below = make_units(birds, 2), make_units(night, 2)
    put(key, {unit: [1, place] for place, unit in enumerate(above + below)})
    body: dict[str, Any] = {"key": key.name, "vector": [1, 0]}

    def found(user: User, folder: Folder, **more: Any) -> list[int]:
        return [hit["unit"] for hit in ask(user, folder, {**body, **more}).json()["hits"]]

    by_name = {"field": "name", "op": "eq", "value": "image-00001.png"}
    assert found(viewer, birds, filter=by_name) == [above[1], below[1]]
    assert found(viewer, night, filter=by_name) == [below[1]]
    assert found(viewer, birds, max_distance=0.3) == above
    assert found(viewer, night) == found(night_viewer, birds) == below


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "nothing"}, "unknown_key"),
        ({"vector": None}, "null"),
        ({"vector": {"0": 1}}, "not_a_vector"),
        ({"vector": "1,2"}, "not_a_vector"),
        ({"vector": [1]}, "wrong_length"),
        ({"vector": [0, 0]}, "zero_query"),
        ({"unit": 1}, "invalid_input"),
        ({"limit": 0}, "min_value"),
        ({"limit": 1001}, "max_value"),
        ({"cursor": "x"}, "bad_cursor"),
        ({"cursor": "é:ü:ö"}, "bad_cursor"),
        ({"engine": "magic"}, "invalid_choice"),
        ({"filter": {"field": "nothing", "op": "eq", "value": 1}}, ""),
        ({"max_distance": "far"}, "invalid"),
    ],
)
def test_search__wrong_questions_have_clear_answers(
    change: dict[str, Any], code: str, birds: Folder, key: MetadataKey, viewer: User, ask: Ask
) -> None:
    answer = ask(viewer, birds, {"key": key.name, "vector": [1, 0], **change})

    assert answer.status_code in (400, 404)
    problem = answer.json()
    codes = {problem["code"], *(error.get("code", "") for error in problem.get("errors", []))}
    assert not code or code in codes


def test_distances__summary_of_all(birds: Folder, key: MetadataKey, viewer: User, ask: Ask) -> None:
    units = make_units(birds, 3)
    put(key, {units[0]: [1, 0], units[1]: [0, 1], units[2]: [-1, 0]})
    body = {"key": key.name, "unit": units[0], "max_distance": 1}

    summary = ask(viewer, birds, body, "distances/").json()

    assert (summary["minimum"], summary["maximum"]) == (0.0, 2.0)
    assert (summary["searched"], summary["within"], sum(summary["counts"])) == (3, 2, 3)
    assert len(summary["counts"]) == len(summary["edges"]) - 1 == 48


def test_search__histogram_comes_with_the_first_page(
    birds: Folder, key: MetadataKey, viewer: User, ask: Ask
) -> None:
    units = make_units(birds, 3)
    put(key, {units[0]: [1, 0], units[1]: [0, 1], units[2]: [-1, 0]})
    body: dict[str, Any] = {"key": key.name, "unit": units[0], "max_distance": 1}

    apart = ask(viewer, birds, body, "distances/").json()
    first = ask(viewer, birds, body | {"histogram": True, "limit": 1}).json()
    cursor = first["next_cursor"]
    second = ask(viewer, birds, body | {"histogram": True, "limit": 1, "cursor": cursor}).json()

    for answer in (apart, first["distances"]):
        del answer["milliseconds"]
    assert first["distances"] == apart
    assert second["distances"] is None


def test_search__hits_that_were_deleted_since_are_told(
    birds: Folder, key: MetadataKey, viewer: User, ask: Ask, settings: LazySettings
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    units = make_units(birds, 6)
    put(key, {unit: [1, place] for place, unit in enumerate(units)})
    body: dict[str, Any] = {"key": key.name, "unit": units[0], "limit": 2}
    first = ask(viewer, birds, body).json()

    Unit.objects.filter(pk__in=units[2:5]).delete()
    second = ask(viewer, birds, body | {"cursor": first["next_cursor"]}).json()
    third = ask(viewer, birds, body | {"cursor": second["next_cursor"]}).json()

    assert (second["hits"], second["gone"]) == ([], 2)
    assert ([hit["unit"] for hit in third["hits"]], third["gone"]) == ([units[5]], 1)
    assert third["next_cursor"] is None
