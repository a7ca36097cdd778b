"""Writes to the metadata schema."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, InvalidInput, NotAllowed
from folders import hooks
from folders.choices import KeyType, Metric
from folders.models import Folder, MetadataKey
from folders.services.schema import add_key, delete_key, edit_key, restore_key

ActorFor = Callable[[User], Actor]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the hooks were told, in order."""
    calls: list[str] = []
    for name in ("on_key_created", "on_key_deleted", "on_key_restored"):
        hook = getattr(hooks, name)
        note = lambda key, name=name: calls.append(f"{name} {key.name}")  # noqa: E731
        monkeypatch.setattr(hook, "_functions", [note])
    return calls


def test_add_key__takes_an_editor_of_some_folder(
    birds: Folder, member: User, viewer: User, editor: User, actor_for: ActorFor, told: list[str]
) -> None:
    for person in (member, viewer):
        with pytest.raises(NotAllowed):
            add_key(actor=actor_for(person), name="score", type="number")

    key = add_key(
        actor=actor_for(editor), name="my-embedding", type="embedding", dimensions=512, metric="l2"
    )

    assert (key.type, key.dimensions, key.metric) == (KeyType.EMBEDDING, 512, Metric.L2)
    assert told == ["on_key_created my-embedding"]


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"name": "", "type": "number"}, ["name"]),
        ({"name": "$x", "type": "number"}, ["name"]),
        ({"name": "key-frames", "type": "number"}, ["name"]),
        ({"name": "Key Frames", "type": "text"}, ["name"]),
        ({"name": "a/b", "type": "number"}, ["name"]),
        ({"name": "-_", "type": "number"}, ["name"]),
        ({"name": "x" * 151, "type": "number"}, ["name"]),
        ({"name": "a b", "type": "embedding", "dimensions": 3}, ["name"]),
        ({"name": "a.b", "type": "embedding", "dimensions": 3}, ["name"]),
        ({"name": "a", "type": "sculpture"}, ["type"]),
        ({"name": "a", "type": "embedding", "dimensions": 0}, ["dimensions"]),
        ({"name": "a", "type": "embedding", "dimensions": 4097}, ["dimensions"]),
        ({"name": "a", "type": "embedding", "dimensions": 3, "metric": "cos"}, ["metric"]),
        ({"name": "a", "type": "number", "dimensions": 3}, ["dimensions"]),
        ({"name": "a", "type": "number", "values": ["x"]}, ["values"]),
        ({"name": "a", "type": "enum"}, ["values"]),
        ({"name": "a", "type": "enum", "values": [str(n) for n in range(257)]}, ["values"]),
        ({"name": "a", "type": "enum", "values": ["x", "x", " "]}, ["values.1", "values.2"]),
        ({"name": "$", "type": "enum"}, ["name", "values"]),
    ],
)
def test_add_key__says_all_that_is_wrong(
    admin: User, actor_for: ActorFor, given: dict[str, Any], paths: list[str]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        add_key(actor=actor_for(admin), **given)

    assert [error.path for error in caught.value.errors] == paths
    assert not MetadataKey.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Wetter am Tag 1.5", "type": "text"},
        {"name": "größe", "type": "number"},
        {"name": "e_1-b", "type": "embedding", "dimensions": 1},
        {"name": "wide", "type": "embedding", "dimensions": 4096},
        {"name": "many", "type": "enum", "values": [str(n) for n in range(256)]},
    ],
)
def test_add_key__edges_are_allowed(
    admin: User, actor_for: ActorFor, told: list[str], given: dict[str, Any]
) -> None:
    assert add_key(actor=actor_for(admin), **given).name == given["name"]


def test_add_key__name_is_unique_in_the_organisation_only(
    admin: User, outsider: User, actor_for: ActorFor, told: list[str]
) -> None:
    add_key(actor=actor_for(admin), name="score", type="number")
    add_key(actor=actor_for(admin), name="Score", type="number")

    with pytest.raises(Conflict) as caught:
        add_key(actor=actor_for(admin), name="score", type="text")

    assert caught.value.code == "key_exists"
    add_key(actor=actor_for(outsider), name="score", type="number")


def test_delete_key__is_for_administrators_and_can_be_undone(
    birds: Folder, editor: User, admin: User, actor_for: ActorFor, told: list[str]
) -> None:
    key = add_key(actor=actor_for(editor), name="score", type="number")
    with pytest.raises(NotAllowed):
        delete_key(actor=actor_for(editor), key=key)

    deleted = delete_key(actor=actor_for(admin), key=key)

    assert deleted.deleted_at is not None
    assert not MetadataKey.objects.live().exists()
    with pytest.raises(Conflict) as caught:
        add_key(actor=actor_for(admin), name="score", type="number")
    assert caught.value.code == "key_deleted"
    with pytest.raises(NotAllowed):
        restore_key(actor=actor_for(editor), key=key)
    restore_key(actor=actor_for(admin), key=key)
    restore_key(actor=actor_for(admin), key=key)
    assert MetadataKey.objects.live().get() == key
    assert told == ["on_key_created score", "on_key_deleted score", "on_key_restored score"]


def test_delete_key__of_another_organisation_is_unknown(
    admin: User, outsider: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(admin), name="score", type="number")

    with pytest.raises(MetadataKey.DoesNotExist):
        delete_key(actor=actor_for(outsider), key=key)


def test_edit_key__enum_grows(
    birds: Folder, viewer: User, editor: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(editor), name="label", type="enum", values=["owl"])
    number = add_key(actor=actor_for(editor), name="score", type="number")
    with pytest.raises(NotAllowed):
        edit_key(actor=actor_for(viewer), key=key, add_values=["tit"])
    with pytest.raises(InvalidInput):
        edit_key(actor=actor_for(editor), key=number, add_values=["tit"])
    many = [str(n) for n in range(256)]
    with pytest.raises(InvalidInput):
        edit_key(actor=actor_for(editor), key=key, add_values=many)

    key = edit_key(actor=actor_for(editor), key=key, add_values=["tit", "owl"])

    assert key.values == ["owl", "tit"]
