"""Collections as sets of items."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from accounts.actor import Actor
from accounts.models import User
from collections_app.items import member_items
from collections_app.models import Collection
from collections_app.services.item_members import add_items, add_items_by_title, remove_items
from collections_app.services.members import add_units
from core.errors import InvalidInput, NotAllowed
from folders.choices import ItemKind, UnitKind
from folders.models import Folder, FolderGrant, Item, Unit
from tests.factories import ItemFactory, UnitFactory

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


def framed(folder: Folder, kind: ItemKind, name: str, frames: int) -> Item:
    """A video or sequence with frames; the latter consists of images."""
    item = ItemFactory.create(folder=folder, kind=kind, name=name)
    UnitFactory.create(item=item, kind=UnitKind(kind))
    for number in range(frames):
        UnitFactory.create(item=item, frame=number, kind=UnitKind.FRAME)
        if kind == ItemKind.IMAGE_SEQUENCE:
            part = f"{name}-{number}"
            ItemFactory.create(folder=folder, name=part, parent=item, position=number)
    return item


def names(actor: Actor, collection: Collection, *, limit: int = 100) -> list[str]:
    """Names of the items, page by page; "?" for those that the actor may not look at."""
    cursor, found = "", []
    while True:
        page = member_items(
            actor=actor, collection=collection, cursor=cursor, limit=limit, hidden=True
        )
        assert len(page.item_ids) <= limit
        found += [page.seen[pk].name if pk in page.seen else "?" for pk in page.item_ids]
        if not page.next_cursor:
            return found
        cursor = page.next_cursor


def test_add_items__takes_an_editor(
    singers: Collection, birds_units: list[Unit], viewer: User, actor: Actor, actor_for: ActorFor
) -> None:
    ids = [unit.item_id for unit in birds_units[:2]]
    for change in (add_items, remove_items):
        with pytest.raises(NotAllowed):
            change(actor=actor_for(viewer), collection=singers, item_ids=ids)
        with pytest.raises(NotAllowed):
            change(actor=actor_for(viewer), collection=singers, item_ids=[])
    with pytest.raises(NotAllowed):
        add_items_by_title(actor=actor_for(viewer), collection=singers, titles=["x"])

    assert add_items(actor=actor, collection=singers, item_ids=ids * 2) == []

    assert names(actor, singers) == ["robin.png", "wren.png"]
    assert remove_items(actor=actor, collection=singers, item_ids=ids[:1]) == []
    assert names(actor, singers) == ["wren.png"]


def test_add_items__returns_what_is_not_there(
    singers: Collection, birds_units: list[Unit], boats: Folder, actor: Actor
) -> None:
    elsewhere = UnitFactory.create(item__folder=boats).item_id
    nobody = uuid4()
    ids: list[UUID] = [elsewhere, birds_units[0].item_id, nobody, nobody]

    assert add_items(actor=actor, collection=singers, item_ids=ids) == [elsewhere, nobody]
    assert names(actor, singers) == ["robin.png"]
    assert remove_items(actor=actor, collection=singers, item_ids=ids) == [elsewhere, nobody]
    assert names(actor, singers) == []


def test_items__of_videos_stand_for_their_frames(
    singers: Collection, birds: Folder, actor: Actor
) -> None:
    clip = framed(birds, ItemKind.VIDEO, "clip", 4)
    frames = clip.units.exclude(frame=None).values_list("pk", flat=True)
    add_units(actor=actor, collection=singers, units=list(frames[:3]))

    assert names(actor, singers) == ["clip"]
    add_items(actor=actor, collection=singers, item_ids=[clip.pk])
    assert names(actor, singers, limit=1) == ["clip"]

    remove_items(actor=actor, collection=singers, item_ids=[clip.pk])

    assert names(actor, singers) == []
    assert singers.members.count() == 0


def test_items__images_of_a_sequence_are_its_frames(
    singers: Collection, birds: Folder, actor: Actor
) -> None:
    film = framed(birds, ItemKind.IMAGE_SEQUENCE, "film", 3)
    second = Item.objects.get(name="film-1")

    assert add_items(actor=actor, collection=singers, item_ids=[second.pk, film.pk]) == []

    assert names(actor, singers, limit=1) == ["film", "film-1"]
    members = singers.members.values_list("unit__item", "unit__frame").order_by("unit")
    assert list(members) == [(film.pk, None), (film.pk, 1)]
    remove_items(actor=actor, collection=singers, item_ids=[film.pk])
    assert names(actor, singers) == ["film-1"]


def test_member_items__pages_and_hides(
    singers: Collection,
    birds_units: list[Unit],
    night: Folder,
    actor: Actor,
    actor_for: ActorFor,
    night_viewer: User,
) -> None:
    add_units(actor=actor, collection=singers, units=[unit.pk for unit in birds_units])
    wanted = ["robin.png", "wren.png", "gull.png", "owl.png", "nightjar.png"]
    for limit in (1, 2, 5, 9):
        assert names(actor, singers, limit=limit) == wanted
    with pytest.raises(InvalidInput):
        member_items(actor=actor, collection=singers, cursor="x", limit=1)

    part = actor_for(night_viewer)

    assert names(part, singers, limit=2) == ["?", "?", "?", "owl.png", "nightjar.png"]
    shown = member_items(actor=part, collection=singers, cursor="", limit=1)
    assert [shown.seen[pk].name for pk in shown.item_ids] == ["owl.png"]
    assert shown.next_cursor


def test_add_items_by_title__tells_of_every_title(
    singers: Collection, birds_units: list[Unit], night: Folder, actor: Actor
) -> None:
    UnitFactory.create(item__folder=night, item__name="wren.png")
    add_units(actor=actor, collection=singers, units=[birds_units[3].pk])

    done = add_items_by_title(
        actor=actor,
        collection=singers,
        titles=["robin.png", "wren.png", "owl.png", "no.png", "robin.png", "ROBIN.PNG"],
    )

    assert (done.requested, done.matched, done.added) == (5, 2, 1)
    assert (done.ambiguous, done.unmatched) == (["wren.png"], ["no.png", "ROBIN.PNG"])
    assert names(actor, singers) == ["robin.png", "owl.png"]


def test_add_items_by_title__sees_what_the_actor_sees(
    singers: Collection,
    birds_units: list[Unit],
    night: Folder,
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    FolderGrant.objects.filter(folder=night, user=night_viewer).update(role="editor")

    done = add_items_by_title(
        actor=actor_for(night_viewer), collection=singers, titles=["owl.png", "wren.png"]
    )

    assert (done.added, done.unmatched) == (1, ["wren.png"])
