"""Somebody moves the folder while vectors are imported into it: they arrive all the same.

That somebody has a connection of his own: what he does stays, whatever becomes of the import's
transaction.
"""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from accounts.actor import Actor
from accounts.models import User
from embeddings.imports import checking, writing
from embeddings.models import Vector
from folders.choices import ImportState
from folders.imports import metadata_document
from folders.models import Folder, Import, Item, MetadataKey, Unit
from folders.services import moves
from folders.services.data_imports import start_import
from folders.services.deletion import delete_items
from tests.embeddings.bulk.files import npz
from tests.embeddings.connections import Writer, writers
from tests.embeddings.worlds import make_key, make_units, stored
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)

ActorFor = Callable[[User], Actor]


@pytest.fixture
def somebody() -> Iterator[Writer]:
    with writers(1) as (writer,):
        yield writer


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    made = make_key(birds, dimensions=2)
    made.name = "clip"
    made.save()
    return made


def begin(actor: Actor, folder: Folder, content: bytes, *, kind: str = "vectors") -> Import:
    """An import that waits for its worker."""
    return start_import(
        actor=actor,
        folder=folder,
        kind=kind,
        file=io.BytesIO(content),
        file_name="vectors.npz" if kind == "vectors" else "metadata.json",
        options={"key": "clip"} if kind == "vectors" else {},
    )


def once(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], Any]) -> None:
    """Have something happen just before a function is called for the first time."""
    original = getattr(module, name)
    calls: list[Any] = []

    def acting(*args: Any, **kwargs: Any) -> Any:
        if not calls:
            calls.append(act())
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, acting)


def vectors(count: int) -> bytes:
    names = np.array([f"image-{number:05}.png" for number in range(count)])
    return npz(ids=names, vectors=np.arange(2 * count, dtype=np.float32).reshape(count, 2))


@pytest.mark.parametrize("many", [False, True], ids=["at once", "by a job"])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (checking, "stage_ids"),
        (writing, "_staged"),
        (writing, "_chosen"),
        (writing, "write_stream"),
    ],
)
def test_vectors__folder_goes_to_another_root_meanwhile(
    key: MetadataKey,
    night: Folder,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
    somebody: Writer,
    module: Any,
    name: str,
    *,
    many: bool,
) -> None:
    actor = actor_for(admin)
    units = make_units(night, 5)
    row = begin(actor, night, vectors(5))
    if many:
        monkeypatch.setattr(moves, "_UNITS_AT_ONCE", 2)

    def move() -> None:
        moves.move_folder(actor=actor, folder=Folder.objects.get(pk=night.pk), parent=None)

    once(monkeypatch, module, name, lambda: somebody.do(move))
    run_jobs()

    row.refresh_from_db()
    assert (row.state, row.failure, row.errors) == (ImportState.DONE, "", [])
    assert row.report["vectors"] == {"clip": 5}
    assert [stored(key)[unit].tolist() for unit in units] == [[2 * n, 2 * n + 1] for n in range(5)]
    # They belong to the root that the folder is now.
    assert set(Unit.objects.values_list("root", flat=True)) == {night.pk}
    assert set(Vector.objects.filter(key=key).values_list("root", flat=True)) == {night.pk}
    assert not Folder.objects.filter(moved_from__isnull=False).exists()


def test_vectors__items_that_are_deleted_meanwhile_are_still_told(
    birds: Folder,
    key: MetadataKey,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
    somebody: Writer,
) -> None:
    actor = actor_for(admin)
    make_units(birds, 3)
    row = begin(actor, birds, vectors(3))
    gone = Item.objects.get(name="image-00001.png").pk

    def delete() -> None:
        delete_items(actor=actor, item_ids=[gone])

    once(monkeypatch, writing, "write_stream", lambda: somebody.do(delete))
    run_jobs()

    row.refresh_from_db()
    assert row.state == ImportState.FAILED
    assert "not valid any more" in row.failure
    assert stored(key) == {}


@pytest.mark.parametrize("phase", ["check", "write"])
def test_metadata__folder_goes_elsewhere_meanwhile(
    night: Folder,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
    somebody: Writer,
    phase: str,
) -> None:
    actor = actor_for(admin)
    make_units(night, 2)
    rows = [{"name": f"image-0000{n}.png", "metadata": {"note": str(n)}} for n in range(2)]
    row = begin(actor, night, json.dumps({"items": rows}).encode(), kind="metadata")

    def move() -> None:
        moves.move_folder(actor=actor, folder=Folder.objects.get(pk=night.pk), parent=None)

    names = {"check": "batches", "write": "_update"}
    once(monkeypatch, metadata_document, names[phase], lambda: somebody.do(move))
    run_jobs()

    row.refresh_from_db()
    assert (row.state, row.errors) == (ImportState.DONE, [])
    assert set(Item.objects.values_list("client_metadata__note", flat=True)) == {"0", "1"}
