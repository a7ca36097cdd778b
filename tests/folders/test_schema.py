"""Writes to the metadata schema."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, InvalidInput, NotAllowed
from folders import hooks
from folders.choices import KeyType, Metric
from folders.models import Folder, MetadataKey, Unit
from folders.services.schema import add_key, delete_key, edit_key, restore_key
from tests.embeddings.connections import wait_for_a_lock, writers
from tests.embeddings.worlds import put, stored
from tests.factories import UnitFactory
from tests.jobs import run_jobs

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


@pytest.mark.parametrize("old", ["number", "boolean", "varchar", "datetime", "text", "uuid"])
def test_edit_key__variants_may_take_each_others_place(
    admin: User, actor_for: ActorFor, old: str
) -> None:
    key = add_key(actor=actor_for(admin), name="x", type=old)
    for new in ("enum", "geospatial", "embedding", "sculpture"):
        with pytest.raises(InvalidInput) as caught:
            edit_key(actor=actor_for(admin), key=key, type=new)
        assert [error.path for error in caught.value.errors] == ["type"]

    for new in ("text", "number", old):
        assert edit_key(actor=actor_for(admin), key=key, type=new).type == new


def test_edit_key__another_type_takes_an_administrator(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(editor), name="x", type="number")
    label = add_key(actor=actor_for(editor), name="label", type="enum", values=["owl", "tit"])

    with pytest.raises(NotAllowed):
        edit_key(actor=actor_for(editor), key=key, type="text")
    with pytest.raises(NotAllowed):
        edit_key(actor=actor_for(editor), key=label, remove_values=["owl"])

    assert edit_key(actor=actor_for(editor), key=key, type="number").type == "number"


@pytest.mark.parametrize("type_", ["enum", "geospatial", "embedding"])
def test_edit_key__other_types_stay(admin: User, actor_for: ActorFor, type_: str) -> None:
    values = ["owl"] if type_ == "enum" else None
    key = add_key(actor=actor_for(admin), name="x", type=type_, values=values)

    with pytest.raises(InvalidInput) as caught:
        edit_key(actor=actor_for(admin), key=key, type="text")

    assert caught.value.errors[0].code == "type_is_fixed"


@pytest.mark.parametrize("indexed", [True, False])
def test_edit_key__an_enum_may_not_lose_a_value_in_use(
    birds: Folder, admin: User, actor_for: ActorFor, indexed: bool
) -> None:
    values = ["owl", "tit", "jay", "gull"]
    key = add_key(actor=actor_for(admin), name="label", type="enum", values=values)
    for label in ("owl", "owl", "tit"):
        UnitFactory.create(item__folder=birds, item__client_metadata={"label": label})
    if indexed:
        run_jobs()
        key.refresh_from_db()
        assert key.indexed_at is not None

    with pytest.raises(Conflict) as caught:
        edit_key(actor=actor_for(admin), key=key, remove_values=["tit", "owl", "jay"])

    assert caught.value.message.endswith("“owl” (2), “tit” (1).")
    assert [error.found for error in caught.value.errors] == ["2", "1"]
    left = edit_key(actor=actor_for(admin), key=key, remove_values=["jay"], add_values=["wren"])
    assert left.values == ["owl", "tit", "gull", "wren"]
    with pytest.raises(InvalidInput):
        edit_key(actor=actor_for(admin), key=left, remove_values=left.values)


def test_edit_key__new_values_take_in_what_did_not_fit(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    for label in ("owl", "wren", "wren", "rook"):
        UnitFactory.create(item__folder=birds, item__client_metadata={"label": label})
    key = add_key(actor=actor_for(admin), name="label", type="enum", values=["owl"])
    run_jobs()
    key.refresh_from_db()
    assert key.misfits == 3

    assert edit_key(actor=actor_for(admin), key=key, add_values=["wren"]).misfits == 1


def test_edit_key__size_can_be_set_while_it_is_open(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(editor), name="clip", type="embedding")
    with pytest.raises(InvalidInput):
        edit_key(actor=actor_for(editor), key=key, dimensions=5000)

    key = edit_key(actor=actor_for(editor), key=key, dimensions=2)

    with pytest.raises(Conflict) as caught:
        edit_key(actor=actor_for(editor), key=key, dimensions=3)
    assert caught.value.code == "size_is_fixed"
    put(key, {UnitFactory.create(item__folder=birds).pk: [1.0, 2.0]})


def test_edit_key__metric_can_be_set_while_there_are_no_vectors(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(editor), name="clip", type="embedding")
    key = edit_key(actor=actor_for(editor), key=key, metric="l2")
    put(key, {UnitFactory.create(item__folder=birds).pk: [1.0, 2.0]})

    with pytest.raises(Conflict) as caught:
        edit_key(actor=actor_for(editor), key=key, metric="cosine")

    assert caught.value.code == "metric_is_fixed"
    assert edit_key(actor=actor_for(editor), key=key, metric="l2").metric == "l2"


def test_edit_key__parts_of_other_types_are_refused(admin: User, actor_for: ActorFor) -> None:
    key = add_key(actor=actor_for(admin), name="x", type="number")

    with pytest.raises(InvalidInput) as caught:
        edit_key(actor=actor_for(admin), key=key, add_values=["a"], dimensions=3, metric="l2")

    assert [error.path for error in caught.value.errors] == ["values", "dimensions", "metric"]


def test_edit_key__of_a_deleted_key_is_refused(admin: User, actor_for: ActorFor) -> None:
    key = add_key(actor=actor_for(admin), name="x", type="number")
    delete_key(actor=actor_for(admin), key=key)

    with pytest.raises(Conflict):
        edit_key(actor=actor_for(admin), key=key, type="text")


def test_delete_key__for_ever_takes_vectors_and_name_along(
    birds: Folder, editor: User, admin: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(editor), name="clip", type="embedding", dimensions=2)
    unit = UnitFactory.create(item__folder=birds)
    put(key, {unit.pk: [1.0, 2.0]})
    with pytest.raises(NotAllowed):
        delete_key(actor=actor_for(editor), key=key, hard=True)
    delete_key(actor=actor_for(admin), key=key)

    erased = delete_key(actor=actor_for(admin), key=key, hard=True)
    run_jobs()

    assert erased.erased
    assert not stored(key)
    with pytest.raises(Conflict) as caught:
        restore_key(actor=actor_for(admin), key=key)
    assert caught.value.code == "key_erased"
    with pytest.raises(Conflict) as caught:
        add_key(actor=actor_for(admin), name="clip", type="embedding")
    assert caught.value.code == "key_erased"
    assert Unit.objects.filter(pk=unit.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_open_size__the_first_of_two_first_vectors_fixes_it(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(admin), name="clip", type="embedding")
    one, two = (UnitFactory.create(item__folder=birds).pk for _ in range(2))
    with writers(2) as (first, second):
        first.begin()
        first.do(lambda: put(key, {one: [1.0, 2.0]}))

        waiting = second.start(lambda: put(key, {two: [1.0, 2.0, 3.0]}))
        wait_for_a_lock()
        first.commit()

        with pytest.raises(InvalidInput) as caught:
            waiting.result(timeout=20)
    assert "2 dimensions" in caught.value.errors[0].message
    key.refresh_from_db()
    assert key.dimensions == 2
    assert list(stored(key)) == [one]
