"""Files that are made in the background while PostgreSQL answers."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.actor import Actor
from accounts.models import User
from embeddings.matrix_files import background, budget
from embeddings.matrix_files.background import Builder, Wish
from embeddings.matrix_files.folders import set_folder
from embeddings.matrix_files.manifest import NAME
from embeddings.search import ENGINES, VectorExample, search
from embeddings.search.scan import ScanEngine
from folders.models import Folder
from tests.embeddings.worlds import make_key, make_units, put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _builds(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MATRIX_BUILD = True
    monkeypatch.setattr(budget, "MIN_ROWS", 1)


def wait_for_file(path: Path) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end, "no file was made"
        time.sleep(0.02)


def test_builder__makes_the_file_that_a_search_missed(
    birds: Folder, editor: User, actor_for: Callable[[User], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScanEngine(builder=Builder())
    monkeypatch.setitem(ENGINES, "scan", engine)
    key = make_key(birds, dimensions=2)
    units = make_units(birds, 3)
    put(key, {unit: [1, place] for place, unit in enumerate(units)})

    def found() -> list[int]:
        page = search(
            actor=actor_for(editor),
            root=birds,
            key=key,
            query=VectorExample([1, 0]),
            engine="scan",
        )
        return [hit.unit_id for hit in page.hits]

    manifest = set_folder(birds.pk, key.pk) / NAME
    assert not manifest.exists()
    assert found() == units
    wait_for_file(manifest)
    assert found() == units
    put(key, {units[0]: [0, 1]})
    assert found() == [units[1], units[2], units[0]]


def test_builder__makes_none_of_few_vectors(birds: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MIN_ROWS", 4)
    key = make_key(birds, dimensions=2)
    put(key, {unit: [1, 2] for unit in make_units(birds, 3)})
    builder = Builder()

    builder.ask(Wish(birds.pk, key.pk, 2))
    # The thread takes wishes in turn: when this one is fulfilled, the other one was looked at.
    builder.ask(Wish(birds.pk, key.pk, 2, anew=True))
    folder = set_folder(birds.pk, key.pk)
    wait_for_file(folder / NAME)

    assert list(builder._not_before) == [Wish(birds.pk, key.pk, 2)]


def test_builder__goes_on_after_work_that_failed(
    birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = make_key(birds, dimensions=2), make_key(birds, dimensions=2)
    units = make_units(birds, 3)
    for one in (key, other):
        put(one, {unit: [1, 2] for unit in units})
    fulfil = background.fulfil

    def fail_once(wish: Wish) -> bool:
        if wish.key_id == key.pk:
            raise OSError("disk full")
        return fulfil(wish)

    monkeypatch.setattr(background, "fulfil", fail_once)
    builder = Builder()

    builder.ask(Wish(birds.pk, key.pk, 2))
    builder.ask(Wish(birds.pk, other.pk, 2))

    wait_for_file(set_folder(birds.pk, other.pk) / NAME)
    # Not again at once: whatever was in the way is likely still there.
    builder.ask(Wish(birds.pk, key.pk, 2))
    assert not set_folder(birds.pk, key.pk).exists()
