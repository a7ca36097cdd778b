"""*Find similar* to all that is selected."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from embeddings.vector_text import decode_vector
from explorer import likeness
from explorer.likeness import state_like
from explorer.state import ExplorerState
from folders.models import Unit
from tests.embeddings.worlds import put
from tests.explorer.conftest import World


@pytest.fixture
def actor(viewer: User, actor_for: "object") -> Actor:
    """Who looks."""
    return actor_for(viewer)  # type: ignore[operator, no-any-return]


def units(*ids: int) -> "object":
    """A selection."""
    return Unit.objects.filter(pk__in=ids)


def test_few__become_examples(world: World, actor: Actor) -> None:
    state = ExplorerState(embedding="clip", similar=world.ids[9], distance=0.3, order="name")

    # The last one has no vector.
    found = state_like(
        actor=actor,
        root=world.root,
        state=state,
        units=units(world.ids[1], world.ids[2], world.ids[11]),  # type: ignore[arg-type]
    )

    assert (found.vectors, found.by_mean, found.key) == (2, False, "clip")
    assert found.state.plus == (world.ids[1], world.ids[2])
    assert (found.state.similar, found.state.distance) == (None, None)
    assert found.state.order == "name"


def test_many__by_their_mean(world: World, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "MAX_SELECTED_EXAMPLES", 2)
    state = ExplorerState(embedding="clip")

    found = state_like(
        actor=actor,
        root=world.root,
        state=state,
        units=units(*world.ids[:4]),  # type: ignore[arg-type]
    )

    assert (found.vectors, found.by_mean, found.state.plus) == (4, True, ())
    rows = np.array([[10.0 - i, float(i)] for i in range(4)])
    mean = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(axis=0)
    assert np.allclose(decode_vector(found.state.vector), mean, atol=1e-6)


def test_none__is_refused(world: World, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    state = ExplorerState(embedding="clip")

    def like(*ids: int) -> None:
        state_like(actor=actor, root=world.root, state=state, units=units(*ids))  # type: ignore[arg-type]

    with pytest.raises(InvalidInput, match="None of the selected units has a clip vector"):
        like(world.ids[10], world.ids[11])
    monkeypatch.setattr(likeness, "MAX_SELECTED_EXAMPLES", 1)
    monkeypatch.setattr(likeness, "MAX_MEAN_VECTORS", 2)
    with pytest.raises(InvalidInput, match="up to 2 vectors"):
        like(*world.ids[:3])
    put(world.clip, {world.ids[0]: [1.0, 0.0], world.ids[1]: [-1.0, 0.0]})
    with pytest.raises(InvalidInput, match="cancel each other out"):
        like(*world.ids[:2])


def test_page__searches_and_says_from_what(
    world: World, client: Client, outsider: User, viewer: User
) -> None:
    target = reverse("explorer-like", args=[world.root.pk])
    label = {"all": [{"field": "metadata.label", "op": "in", "value": ["a"]}]}
    state = ExplorerState(embedding="clip", filter=label).query()
    client.force_login(outsider)
    assert client.post(target, {"matching": state}).status_code == 404

    client.force_login(viewer)
    htmx = {"HX-Request": "true"}
    picked = client.post(
        target, {"units": f"{world.ids[0]},{world.ids[11]}", "state": state}, headers=htmx
    )
    matching = client.post(target, {"matching": state}, headers=htmx)

    assert "Like 1 clip vector. 1 without one is left out." in picked.content.decode()
    assert "filter" in parse_qs(urlsplit(picked["HX-Push-Url"]).query)
    # All that match the filter are all there is under it: it is dropped.
    assert "Like 4 clip vectors." in matching.content.decode()
    assert "filter" not in parse_qs(urlsplit(matching["HX-Push-Url"]).query)
    assert "10 units" in matching.content.decode()
