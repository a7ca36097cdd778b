"""Metadata from files that lie beside images."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotAllowed
from folders.choices import KeyType
from folders.models import Folder, Item
from folders.services.schema import add_key
from folders.services.sidecars import Sidecar, SidecarOutcome, apply_sidecars
from tests.factories import ItemFactory, UnitFactory

ActorFor = Callable[[User], Actor]


@pytest.fixture
def owl(birds: Folder) -> Item:
    """An image with metadata."""
    item = ItemFactory.create(folder=birds, name="owl.png", client_metadata={"place": "barn"})
    UnitFactory.create(item=item)
    return item


@pytest.fixture
def apply(birds: Folder, editor: User, actor_for: ActorFor) -> Callable[..., list[SidecarOutcome]]:
    """Applies files of these names and contents as the editor."""

    def run(**files: Any) -> list[SidecarOutcome]:
        sidecars = [
            Sidecar(f"{name.replace('__', '.')}.metadata.json", metadata)
            for name, metadata in files.items()
        ]
        return apply_sidecars(actor=actor_for(editor), folder=birds, sidecars=sidecars)

    return run


def metadata_of(item: Item) -> dict[str, Any]:
    """As it is stored."""
    item.refresh_from_db()
    metadata: dict[str, Any] = item.client_metadata
    return metadata


def test_sidecars__are_refused_to_viewers(
    birds: Folder, owl: Item, viewer: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        apply_sidecars(
            actor=actor_for(viewer), folder=birds, sidecars=[Sidecar("owl.metadata.json", {"a": 1})]
        )

    assert metadata_of(owl) == {"place": "barn"}


@pytest.mark.parametrize("name", ["owl__png", "owl"])
def test_sidecar__is_laid_over_the_item_that_it_is_named_after(
    owl: Item, apply: Callable[..., list[SidecarOutcome]], name: str
) -> None:
    (outcome,) = apply(**{name: {"wings": 2}})

    assert (outcome.item, outcome.errors) == (owl.pk, [])
    assert metadata_of(owl) == {"place": "barn", "wings": 2}


def test_sidecar__without_its_item_says_so(
    owl: Item, night: Folder, apply: Callable[..., list[SidecarOutcome]]
) -> None:
    ItemFactory.create(folder=night, name="elsewhere.png")

    missing, elsewhere, longer = apply(wren={}, elsewhere={}, ow={})

    for outcome in (missing, elsewhere, longer):
        assert outcome.item is None
        assert [error.code for error in outcome.errors] == ["not_found"]
    assert "“wren”" in missing.errors[0].message


def test_sidecar__of_two_items_is_ambiguous(
    birds: Folder, owl: Item, apply: Callable[..., list[SidecarOutcome]]
) -> None:
    UnitFactory.create(item__folder=birds, item__name="owl.jpg")

    (stem,) = apply(owl={"a": 1})
    (exact,) = apply(owl__png={"a": 1})

    assert [error.code for error in stem.errors] == ["ambiguous"]
    assert (exact.item, exact.errors) == (owl.pk, [])


def test_sidecars__a_wrong_one_does_not_keep_the_others(
    birds: Folder,
    owl: Item,
    admin: User,
    actor_for: ActorFor,
    apply: Callable[..., list[SidecarOutcome]],
) -> None:
    add_key(actor=actor_for(admin), name="wings", type=KeyType.NUMBER)
    wren = UnitFactory.create(item__folder=birds, item__name="wren.png").item
    UnitFactory.create(item__folder=birds, item__name="heron.png")

    wrong, list_, right = apply(owl={"wings": "many"}, heron=[1], wren={"wings": 2})

    assert [(error.path, error.found) for error in wrong.errors] == [("wings", '"many"')]
    assert list_.errors
    assert right.errors == []
    assert metadata_of(owl) == {"place": "barn"}
    assert metadata_of(wren) == {"wings": 2}


def test_sidecar__goes_to_the_item_that_the_caller_names(
    birds: Folder, owl: Item, editor: User, actor_for: ActorFor, boats: Folder
) -> None:
    """Two items have the name; the caller has just uploaded one of them."""
    other = UnitFactory.create(item__folder=birds, item__name="owl.png").item
    hidden = UnitFactory.create(item__folder=boats, item__name="tug.png").item
    sidecars = [
        Sidecar("owl.png.metadata.json", {"a": 1}, other.pk),
        Sidecar("tug.png.metadata.json", {"a": 1}, hidden.pk),
    ]

    named, unseen = apply_sidecars(actor=actor_for(editor), folder=birds, sidecars=sidecars)

    assert (named.item, named.errors) == (other.pk, [])
    assert [error.code for error in unseen.errors] == ["not_found"]
    assert metadata_of(other) == {"a": 1}
    assert metadata_of(owl) == {"place": "barn"}
