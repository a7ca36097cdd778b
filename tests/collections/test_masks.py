"""Masks that look at collections are kept until a collection of their root changes."""

from collections.abc import Callable

import pytest
from django.db.models import Q

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection, CollectionUnit
from collections_app.services.collections import delete_collection
from collections_app.services.members import add_units, remove_units
from embeddings.search import VectorExample, masks
from embeddings.search.masks import Masks
from embeddings.search.question import ask
from folders.filters import compile_filter, parse
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(birds: Folder, birds_units: list[Unit]) -> MetadataKey:
    key = make_key(birds, dimensions=2)
    put(key, {unit.pk: [1, place] for place, unit in enumerate(birds_units)})
    return key


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that were read, not answered from memory."""
    statements: list[str] = []
    read = masks._read

    def noted(statement: str) -> masks.Mask:
        statements.append(statement)
        return read(statement)

    monkeypatch.setattr(masks, "_read", noted)
    return statements


@pytest.fixture
def look(
    birds: Folder, key: MetadataKey, editor: User, actor_for: Callable[[User], Actor]
) -> Callable[[Q], list[int]]:
    """Asks for the mask of a condition, as one process does again and again."""
    kept = Masks()

    def ids(condition: Q) -> list[int]:
        question = ask(
            actor=actor_for(editor),
            root=birds,
            key=key,
            example=VectorExample([1, 0]),
            units=Unit.objects.filter(condition),
            max_distance=None,
        )
        mask = kept.of(question)
        assert mask is not None
        found: list[int] = mask.unit_ids.tolist()
        return found

    return ids


def test_mask__of_a_collection_follows_its_members(
    birds: Folder,
    birds_units: list[Unit],
    singers: Collection,
    editor: User,
    actor_for: Callable[[User], Actor],
    look: Callable[[Q], list[int]],
    reads: list[str],
) -> None:
    actor = actor_for(editor)
    ids = [unit.pk for unit in birds_units]
    leaf = {"field": "collection", "op": "in", "value": [str(singers.pk)]}
    inside = compile_filter(parse(leaf), actor=actor, root=birds)

    assert look(inside) == look(inside) == []
    assert len(reads) == 1
    add_units(actor=actor, collection=singers, units=ids[:3])
    assert look(inside) == look(inside) == ids[:3]
    assert len(reads) == 2
    remove_units(actor=actor, collection=singers, units=ids[:1])
    assert look(inside) == look(inside) == ids[1:3]
    assert len(reads) == 3
    CollectionUnit.objects.filter(unit=ids[1]).update(unit=ids[4])
    assert look(inside) == look(inside) == [ids[2], ids[4]]
    assert len(reads) == 4
    delete_collection(actor=actor, collection=singers)
    assert look(inside) == look(inside) == []
    assert len(reads) == 5
