"""Coverage, the filter on vectors, and both over REST."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from core.errors import InvalidInput
from embeddings.choices import Derivation
from embeddings.services.coverage import Coverage, coverage
from embeddings.services.vectors import write_derived
from folders import filters
from folders.choices import ItemKind, UnitKind
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put
from tests.factories import ItemFactory, UnitFactory

ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


def test_coverage__counts_only_what_the_actor_sees(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    member: User,
    night_viewer: User,
    viewer: User,
    actor_for: ActorFor,
) -> None:
    above, below = make_units(birds, 3), make_units(night, 2)
    put(key, {above[0]: [1, 0], above[1]: [0, 0], below[0]: [1, 0]})

    assert coverage(actor_for(member), birds, key) == Coverage(0, 0, 0)
    assert coverage(actor_for(night_viewer), birds, key) == Coverage(2, 1, 0)
    whole = coverage(actor_for(viewer), birds, key)
    assert whole == Coverage(units=5, with_vector=3, zero=1)
    assert whole.without_vector == 2
    some = Unit.objects.filter(pk__in=above[:2])
    assert coverage(actor_for(viewer), birds, key, units=some) == Coverage(2, 2, 1)


def filtered(actor: Actor, root: Folder, key: MetadataKey, *, exists: bool) -> set[int]:
    tree = {"field": f"embedding.{key.name}", "op": "exists", "value": exists}
    units = filters.units(actor, root, filters.parse(tree))
    return set(units.values_list("pk", flat=True))


def test_filter__units_with_and_without_a_vector(
    birds: Folder, key: MetadataKey, viewer: User, actor_for: ActorFor
) -> None:
    has, has_not = make_units(birds, 2)
    put(key, {has: [1, 0]})
    put(make_key(birds, dimensions=2), {has_not: [1, 0]})
    actor = actor_for(viewer)

    assert filtered(actor, birds, key, exists=True) == {has}
    assert filtered(actor, birds, key, exists=False) == {has_not}


def test_filter__a_video_counts_by_its_frames_and_a_group_by_its_parts(
    birds: Folder, key: MetadataKey, viewer: User, actor_for: ActorFor
) -> None:
    videos = [ItemFactory.create(folder=birds, kind=ItemKind.VIDEO) for _ in range(2)]
    wholes = [UnitFactory.create(item=item, kind=UnitKind.VIDEO).pk for item in videos]
    frames = [
        Unit.objects.create(item=item, frame=3, kind=UnitKind.FRAME, folder=birds, root=birds).pk
        for item in videos
    ]
    group = ItemFactory.create(folder=birds, kind=ItemKind.IMAGE_GROUP)
    group_unit = UnitFactory.create(item=group, kind=UnitKind.IMAGE_GROUP).pk
    part = UnitFactory.create(item__folder=birds, item__parent=group, item__position=0).pk
    put(key, {frames[0]: [1, 0], part: [0, 1]})
    actor = actor_for(viewer)

    assert filtered(actor, birds, key, exists=True) == {wholes[0], frames[0], group_unit, part}
    assert filtered(actor, birds, key, exists=False) == {wholes[1], frames[1]}


def test_filter__key_that_is_not_there(birds: Folder, viewer: User, actor_for: ActorFor) -> None:
    tree = {"field": "embedding.nothing", "op": "exists", "value": True}

    with pytest.raises(InvalidInput):
        filters.units(actor_for(viewer), birds, filters.parse(tree))


def test_embeddings__over_rest(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    outsider: User,
    night_viewer: User,
    viewer: User,
    actor_for: ActorFor,
    client: Client,
) -> None:
    (above,), (below,) = make_units(birds, 1), make_units(night, 1)
    put(key, {above: [1, 0], below: [0, 0]})

    def get(user: User, folder: Folder) -> tuple[int, object]:
        _, token = create_token(actor=actor_for(user), name="t", scope=TokenScope.READ)
        answer = client.get(
            f"/api/v1/folders/{folder.pk}/embeddings/",
            headers={"Authorization": f"Bearer {token}"},
        )
        counts = answer.json()["results"][0]["coverage"] if answer.status_code == 200 else None
        return answer.status_code, counts

    part = {"units": 1, "with_vector": 1, "without_vector": 0, "zero": 1}
    assert client.get(f"/api/v1/folders/{birds.pk}/embeddings/").status_code == 401
    assert get(outsider, birds) == (404, None)
    assert get(night_viewer, birds) == (200, part)
    assert get(viewer, night) == (200, part)
    assert get(viewer, birds) == (200, {**part, "units": 2, "with_vector": 2})


def get(client: Client, actor: Actor, address: str) -> dict[str, Any]:
    _, token = create_token(actor=actor, name="test", scope=TokenScope.READ)
    answer = client.get(f"/api/v1/folders/{address}", headers={"Authorization": f"Bearer {token}"})
    return {"status": answer.status_code, **answer.json()}


def test_coverage__of_one_key_over_rest(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    outsider: User,
    viewer: User,
    night_viewer: User,
    client: Client,
    actor_for: ActorFor,
) -> None:
    above, below = make_units(birds, 3), make_units(night, 2)
    put(key, {above[0]: [1, 0], above[1]: [0, -0.0], below[0]: [0, 0]})
    address = f"{birds.pk}/embeddings/{key.name}/coverage/"

    assert get(client, actor_for(outsider), address)["status"] == 404
    counts = {"units": 5, "with_vector": 3, "without_vector": 2, "zero": 2, "derived": 0}
    assert get(client, actor_for(viewer), address) == {"status": 200, **counts}
    some = {"units": 2, "with_vector": 1, "without_vector": 1, "zero": 1, "derived": 0}
    assert get(client, actor_for(night_viewer), address) == {"status": 200, **some}
    below_only = f"{night.pk}/embeddings/{key.name}/coverage/"
    assert get(client, actor_for(viewer), below_only) == {"status": 200, **some}
    missing = f"{birds.pk}/embeddings/nix/coverage/"
    assert get(client, actor_for(viewer), missing)["status"] == 404


def test_coverage__counts_derived_vectors(
    birds: Folder, key: MetadataKey, viewer: User, client: Client, actor_for: ActorFor
) -> None:
    sent, derived = make_units(birds, 2)
    put(key, {sent: [1, 0]})
    write_derived(
        key=key,
        unit_ids=np.array([derived]),
        values=np.array([[1, 1]], dtype=np.float32),
        method=Derivation.MEAN,
        members={derived: 3},
    )

    found = get(client, actor_for(viewer), f"{birds.pk}/embeddings/{key.name}/coverage/")

    assert (found["with_vector"], found["derived"]) == (2, 1)


def test_zero_vectors__are_listed_page_by_page(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    viewer: User,
    night_viewer: User,
    client: Client,
    actor_for: ActorFor,
) -> None:
    above, below = make_units(birds, 4), make_units(night, 1)
    put(key, {unit: [0, 0] for unit in [*above[:3], *below]} | {above[3]: [1, 0]})
    address = f"{birds.pk}/embeddings/{key.name}/zero/"

    first = get(client, actor_for(viewer), f"{address}?limit=3")
    assert [unit["id"] for unit in first["results"]] == above[:3]
    rest = first["next"].partition("/api/v1/folders/")[2]
    assert [unit["id"] for unit in get(client, actor_for(viewer), rest)["results"]] == below
    seen = get(client, actor_for(night_viewer), address)
    assert [unit["id"] for unit in seen["results"]] == below


def test_filter__units_with_zero_vectors(
    birds: Folder, key: MetadataKey, viewer: User, actor_for: ActorFor
) -> None:
    zero, other, without = make_units(birds, 3)
    put(key, {zero: [0, 0], other: [1, 0]})

    def found(*, value: bool) -> set[int]:
        tree = {"field": f"embedding.{key.name}", "op": "zero", "value": value}
        units = filters.units(actor_for(viewer), birds, filters.parse(tree))
        return set(units.values_list("pk", flat=True))

    assert found(value=True) == {zero}
    assert found(value=False) == {other, without}
