"""Which requests count as a similarity search in the operators' plot."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from core import tallies
from embeddings.vector_text import encode_vector
from tests.explorer.conftest import World

Capture = Callable[..., AbstractContextManager[list[Any]]]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Capture) -> Any:
    """How many searches a call counts."""
    names: list[str] = []
    monkeypatch.setattr(tallies, "count", names.append)

    def count(call: Callable[[], object]) -> int:
        names.clear()
        with django_capture_on_commit_callbacks(execute=True):
            call()
        assert set(names) <= {"searches"}
        return len(names)

    return count


def test_searches__of_the_explorer_are_counted_whatever_they_start_from(
    world: World, page: Client, counted: Any
) -> None:
    address, one = f"/explorer/{world.root.pk}/?embedding=clip", world.ids[0]
    vector = encode_vector(np.array([1, 2], "f4"))
    htmx = {"HX-Request": "true"}

    assert counted(lambda: page.get(address)) == 0
    assert counted(lambda: page.get(f"{address}&similar=0")) == 0, "it was not carried out"
    for start in (f"similar={one}", f"plus={one}&minus={world.ids[9]}", f"vector={vector}"):
        assert counted(partial(page.get, f"{address}&{start}")) == 1
    assert counted(lambda: page.get(f"{address}&similar={one}", headers=htmx)) == 1
    dragged = htmx | {"HX-Trigger-Name": "distance"}
    assert counted(lambda: page.get(f"{address}&similar={one}", headers=dragged)) == 0


def test_searches__over_rest_are_counted_once_for_all_pages(
    world: World, client: Client, viewer: User, actor_for: Callable[[User], Actor], counted: Any
) -> None:
    _, token = create_token(actor=actor_for(viewer), name="reads", scope=TokenScope.READ)
    body: dict[str, Any] = {"key": "clip", "plus": [{"unit": world.ids[0]}], "limit": 3}

    def ask(**more: Any) -> Any:
        return client.post(
            f"/api/v1/folders/{world.root.pk}/search/",
            body | more,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    first = ask()
    assert first.status_code == 200, "a token that may only read may search"

    assert counted(ask) == 1
    assert counted(lambda: ask(cursor=first.json()["next_cursor"])) == 0
    assert counted(lambda: ask(limit=0)) == 0
