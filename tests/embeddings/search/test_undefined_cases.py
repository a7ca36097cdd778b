"""What a search over REST answers where a distance has no meaning, or there is nothing to rank."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from folders.choices import Metric
from folders.models import Folder
from tests.embeddings.worlds import make_key, make_units, put

ActorFor = Callable[[User], Actor]
Ask = Callable[..., Any]


@pytest.fixture
def ask(client: Client, viewer: User, actor_for: ActorFor) -> Ask:
    """Posts a search by a token of the viewer's; gives the status and the answer."""
    _, token = create_token(actor=actor_for(viewer), name="test", scope=TokenScope.READ)

    def send(folder: Folder, **body: Any) -> tuple[int, Any]:
        answer = client.post(
            f"/api/v1/folders/{folder.pk}/search/",
            data=body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code, answer.json()

    return send


def test_unit_without_a_vector__is_named(birds: Folder, ask: Ask) -> None:
    key = make_key(birds, dimensions=2)
    bare, other = make_units(birds, 2)
    put(key, {other: [1, 0]})

    status, problem = ask(birds, key=key.name, unit=bare)

    assert (status, problem["code"]) == (400, "query_unit_without_vector")
    assert "no vector" in problem["detail"]


def test_zero_vector__has_no_direction_but_a_length(birds: Folder, ask: Ask) -> None:
    angles = make_key(birds, dimensions=2, metric=Metric.COSINE)
    lengths = make_key(birds, dimensions=2, metric=Metric.L2)
    zero, other = make_units(birds, 2)
    for key in (angles, lengths):
        put(key, {zero: [0, 0], other: [3, 4]})

    status, problem = ask(birds, key=angles.name, unit=zero)
    _, page = ask(birds, key=lengths.name, unit=zero)

    assert (status, problem["code"]) == (400, "zero_query")
    assert [(hit["unit"], hit["distance"]) for hit in page["hits"]] == [(zero, 0), (other, 5)]


def test_key_of_another_organisation__is_not_there(
    birds: Folder, outsider: User, actor_for: ActorFor, ask: Ask
) -> None:
    theirs = make_key(birds, dimensions=2)
    theirs.organisation = actor_for(outsider).organisation
    theirs.save()

    status, _ = ask(birds, key=theirs.name, vector=[1, 0])

    assert status == 404


def test_vector_of_another_size__says_both_sizes(birds: Folder, ask: Ask) -> None:
    key = make_key(birds, dimensions=2)
    put(key, {make_units(birds, 1)[0]: [1, 0]})

    status, problem = ask(birds, key=key.name, vector=[1, 0, 0])

    assert (status, problem["code"]) == (400, "invalid_input")
    (error,) = problem["errors"]
    assert error["path"].startswith("vector")
    assert "2" in str(error)
    assert "3" in str(error)


@pytest.mark.parametrize("dimensions", [2, None])
def test_folder_without_vectors__answers_with_nothing(
    birds: Folder, ask: Ask, dimensions: int | None
) -> None:
    key = make_key(birds, dimensions=dimensions)
    make_units(birds, 3)

    status, page = ask(birds, key=key.name, vector=[1, 0], histogram=True)

    assert status == 200
    assert (page["hits"], page["next_cursor"], page["searched"]) == ([], None, 0)
    assert page["left_out"]["no_vector"] == 3
    assert sum(page["distances"]["counts"]) == 0


def test_one_unit__is_nearest_to_itself(birds: Folder, ask: Ask) -> None:
    key = make_key(birds, dimensions=2)
    (only,) = make_units(birds, 1)
    put(key, {only: [3, 4]})

    status, page = ask(birds, key=key.name, unit=only, histogram=True)

    assert status == 200
    assert [(hit["unit"], hit["distance"]) for hit in page["hits"]] == [(only, 0)]
    assert (page["next_cursor"], page["searched"]) == (None, 1)
    assert sum(page["distances"]["counts"]) == 1
