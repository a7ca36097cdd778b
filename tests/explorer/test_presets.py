"""Presets: over REST, and in the Explorer's menu and dialogs."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Preset
from collections_app.services.presets import create_preset
from embeddings.search.distance import distances
from embeddings.vector_text import encode_vector
from explorer.presets import preset_menu, state_with
from explorer.state import ExplorerState
from folders.choices import Metric
from tests.embeddings.worlds import stored
from tests.explorer.conftest import World

ActorFor = Callable[[User], Actor]
HTMX = {"HX-Request": "true"}
VECTOR = encode_vector(np.array([1.0, 2.0], dtype=np.float32))
LABEL_A: dict[str, Any] = {"all": [{"field": "metadata.label", "op": "in", "value": ["a"]}]}


def send(client: Client, method: str, target: str, body: object) -> HttpResponseBase:
    return client.generic(method, target, json.dumps(body), content_type="application/json")


def units_of(client: Client, world: World, **query: str) -> list[int]:
    """Ids of the units that REST shows."""
    answer = client.get(reverse("api-folder-units", args=[world.root.pk]), query)
    assert answer.status_code == 200, answer.content
    return [unit["id"] for unit in answer.json()["results"]]


def listed(client: Client, world: World) -> list[str]:
    answer = client.get(reverse("api-folder-presets", args=[world.root.pk]))
    assert answer.status_code == 200
    return [one["name"] for one in answer.json()["results"]]


def test_api__a_search_that_was_saved_finds_the_same_units(
    world: World, client: Client, editor: User, viewer: User, night_viewer: User, outsider: User
) -> None:
    target = reverse("api-folder-presets", args=[world.root.pk])
    vectors = stored(world.clip)
    pair = vectors[world.ids[0]][None], vectors[world.ids[4]][None]
    cut = float(distances(pair[0][0], pair[1], Metric.COSINE)[0])
    asked = {
        "name": "Near the first",
        "filter": LABEL_A,
        "similar": {"key": "clip", "unit": world.ids[0], "max_distance": cut},
    }
    client.force_login(outsider)
    assert send(client, "POST", target, asked).status_code == 404
    client.force_login(viewer)
    assert send(client, "POST", target, asked).status_code == 403
    searched = units_of(
        client,
        world,
        filter=json.dumps(LABEL_A),
        embedding="clip",
        similar_to=str(world.ids[0]),
        max_distance=repr(cut),
    )
    assert searched == [world.ids[0], world.ids[3]]

    client.force_login(editor)
    made = send(client, "POST", target, asked)

    assert made.status_code == 201, made.content  # type: ignore[attr-defined]
    preset = made.json()  # type: ignore[attr-defined]
    assert (preset["created_by"], preset["shared"]) == ("Editor", True)
    # A colleague who may see the folder applies it; what he sees is cut by what is his.
    client.force_login(viewer)
    applied = client.get(reverse("api-preset", args=[preset["id"]])).json()["filter"]
    assert sorted(units_of(client, world, filter=json.dumps(applied))) == searched
    one = reverse("api-preset", args=[preset["id"]])
    assert send(client, "PATCH", one, {"name": "Yours"}).status_code == 403
    assert client.delete(one).status_code == 403
    client.force_login(night_viewer)
    assert listed(client, world) == ["Near the first"]
    client.force_login(outsider)
    assert client.get(one).status_code == 404


def test_api__examples_of_all_kinds_are_saved(world: World, client: Client, editor: User) -> None:
    client.force_login(editor)
    vectors = stored(world.clip)
    similar = {
        "key": "clip",
        "plus": world.ids[2:4],
        "minus": world.ids[9:10],
        "vector": encode_vector(vectors[world.ids[1]]),
        "max_distance": 0.35,
    }
    target = reverse("api-folder-presets", args=[world.root.pk])

    made = send(client, "POST", target, {"name": "Blend", "similar": similar}).json()  # type: ignore[attr-defined]

    collected = send(
        client,
        "POST",
        reverse("api-folder-collections", args=[world.root.pk]),
        {"name": "Blend", "similar": similar},
    )
    count = collected.json()["units"]  # type: ignore[attr-defined]
    found = units_of(client, world, filter=json.dumps(made["filter"]))
    assert 0 < len(found) == count < 10


def test_api__a_search_without_a_threshold_is_whatever_has_a_distance(
    world: World, client: Client, editor: User
) -> None:
    client.force_login(editor)
    asked = {"name": "All near", "similar": {"key": "clip", "unit": world.ids[0]}}

    made = send(client, "POST", reverse("api-folder-presets", args=[world.root.pk]), asked)

    tree = made.json()["filter"]  # type: ignore[attr-defined]
    assert tree["all"][0]["value"]["threshold"] is None
    assert sorted(units_of(client, world, filter=json.dumps(tree))) == world.ids[:10]


def test_api__changes_shares_and_deletes(
    world: World, client: Client, editor: User, viewer: User
) -> None:
    client.force_login(viewer)
    target = reverse("api-folder-presets", args=[world.root.pk])
    asked = {"name": "Mine", "filter": LABEL_A, "shared": False}
    made = send(client, "POST", target, asked)
    assert made.status_code == 201
    one = reverse("api-preset", args=[made.json()["id"]])  # type: ignore[attr-defined]
    assert send(client, "PATCH", one, {"shared": True}).status_code == 403

    client.force_login(editor)
    assert listed(client, world) == []
    assert client.get(one).status_code == 404
    nothing = send(client, "POST", target, {"name": "Nothing"})
    assert nothing.status_code == 400
    assert send(client, "POST", target, {"name": "All", "filter": None}).status_code == 201
    assert send(client, "POST", target, {"name": "ALL", "filter": None}).status_code == 409

    client.force_login(viewer)
    changed = send(client, "PATCH", one, {"name": "Still mine", "filter": {"all": []}})
    assert changed.json()["filter"] == {"all": []}  # type: ignore[attr-defined]
    assert listed(client, world) == ["All", "Still mine"]
    assert client.delete(one).status_code == 204
    assert listed(client, world) == ["All"]


@pytest.mark.parametrize(
    "state",
    [
        ExplorerState(),
        ExplorerState(filter=LABEL_A),
        ExplorerState(embedding="clip", similar=7),
        ExplorerState(embedding="clip", similar=7, plus=(8, 9), minus=(3,), distance=0.25),
        ExplorerState(filter=LABEL_A, embedding="clip", vector=VECTOR),
        ExplorerState(embedding="clip", similar=7, vector=VECTOR, distance=1.0),
    ],
)
def test_state__comes_back_from_what_it_is_saved_as(db: None, state: ExplorerState) -> None:
    there = ExplorerState(order="name", size=72, filter={"all": [{"not": LABEL_A}]}, similar=1)

    back = state_with(there, state.matching.tree())

    assert (back.filter, back.search) == (state.filter, state.search)
    assert (back.order, back.size) == ("name", 72)
    assert back.matching.tree() == state.matching.tree()


def test_state__other_conditions_on_distance_stay_in_the_filter() -> None:
    value = {"key": "clip", "plus": [7], "threshold": 0.5}
    far = {"field": "distance", "op": "gt", "value": value}
    inner = {"any": [{"field": "distance", "op": "lte", "value": value}]}

    state = state_with(ExplorerState(), {"all": [far, inner]})

    assert not state.is_search
    assert state.filter == {"all": [far, inner]}


def test_menu__has_ones_own_first_and_knows_the_present_one(
    world: World, editor: User, viewer: User, actor_for: ActorFor
) -> None:
    for user, name, shared in ((editor, "A", True), (viewer, "Z", False), (editor, "B", False)):
        create_preset(
            actor=actor_for(user), root=world.root, name=name, filter_tree=LABEL_A, shared=shared
        )

    menu = preset_menu(actor_for(viewer), world.root, ExplorerState(filter=LABEL_A, order="name"))

    assert [(one.preset.name, one.is_mine) for one in menu["presets"]] == [
        ("Z", True),
        ("A", False),
    ]
    assert menu["current_preset"] == "Z"
    assert all(one.is_current for one in menu["presets"])
    assert preset_menu(actor_for(viewer), world.root, ExplorerState())["current_preset"] == ""


def test_pages__save_list_update_and_delete(
    world: World, client: Client, editor: User, viewer: User, outsider: User
) -> None:
    new = reverse("explorer-preset-new", args=[world.root.pk])
    state = ExplorerState(embedding="clip", similar=world.ids[0], distance=0.02, order="name")
    client.force_login(outsider)
    assert client.get(new).status_code == 404
    client.force_login(editor)
    dialog = client.get(new, {"state": state.query()}, headers=HTMX).content.decode()
    assert "Similarity Search" in dialog
    assert 'name="shared"' in dialog

    said = {"state": state.query(), "name": "Near", "shared": "1"}
    saved = client.post(new, said, headers=HTMX)

    assert saved["HX-Trigger"] == "dialog-close"
    assert 'id="explorer-presets" hx-swap-oob="true"' in saved.content.decode()
    preset = Preset.objects.get(name="Near")
    assert preset.filter == state.matching.tree()
    again = client.post(new, said, headers=HTMX)
    assert again.status_code == 422
    assert "exists already" in again.content.decode()

    # A colleague finds and applies it, and is not offered what he may not do.
    client.force_login(viewer)
    page = client.get(reverse("explorer", args=[world.root.pk]), {"order": "name"})
    link = re.search(r'<a class="menu-item" href="([^"]+)" title="Near"', page.content.decode())
    assert link is not None
    shown = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert 'id="explorer-strip"' in shown
    assert "Presets: Near" in shown
    manage = reverse("explorer-presets", args=[world.root.pk])
    assert "Delete Near" not in client.get(manage, headers=HTMX).content.decode()
    for name in ("explorer-preset-filter", "explorer-preset-delete"):
        assert client.post(reverse(name, args=[preset.pk])).status_code == 403
    assert client.get(reverse("explorer-preset", args=[preset.pk])).status_code == 403

    client.force_login(editor)
    rows = client.get(manage, {"state": state.query()}, headers=HTMX).content.decode()
    assert "by Editor" in rows
    one = reverse("explorer-preset", args=[preset.pk])
    assert client.post(one, {"name": "", "state": ""}, headers=HTMX).status_code == 422
    assert "Nearest" in client.post(one, {"name": "Nearest"}, headers=HTMX).content.decode()
    preset.refresh_from_db()
    assert not preset.shared
    other = {"state": ExplorerState(filter=LABEL_A).query()}
    client.post(reverse("explorer-preset-filter", args=[preset.pk]), other, headers=HTMX)
    preset.refresh_from_db()
    assert preset.filter == LABEL_A
    gone = client.post(reverse("explorer-preset-delete", args=[preset.pk]))
    assert gone.status_code == 303
    assert not Preset.objects.exists()


def test_page__of_a_preset_whose_example_is_gone_says_so(
    world: World, client: Client, night_viewer: User, editor: User, actor_for: ActorFor
) -> None:
    state = ExplorerState(embedding="clip", similar=world.ids[0])
    create_preset(
        actor=actor_for(editor), root=world.root, name="Near", filter_tree=state.matching.tree()
    )
    client.force_login(night_viewer)

    page = client.get(reverse("explorer", args=[world.root.pk]) + f"?{state.query()}")

    assert "The search cannot be carried out" in page.content.decode()
