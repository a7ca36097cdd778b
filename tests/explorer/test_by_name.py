"""Pages by name: the quicker way is the same way."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from explorer import by_name
from explorer.by_name import page_by_name
from explorer.ordering import order_named
from explorer.query import unit_page
from explorer.state import ExplorerState
from folders.choices import UnitKind
from folders.models import Folder, Unit
from tests.factories import FolderFactory, UnitFactory

ActorFor = Callable[[User], Actor]


@pytest.fixture
def units(birds: Folder, night: Folder) -> list[Unit]:
    """Units of three folders, equal names and frames among them."""
    dusk: Folder = FolderFactory.create(parent=night, name="Dusk")
    made = [
        UnitFactory.create(item__folder=folder, item__name=name)
        for name in ("c", "a", "B", "ä", "a", "d")
        for folder in (night, birds, dusk)
    ]
    item = made[4].item
    made += [UnitFactory.create(item=item, kind=UnitKind.FRAME, frame=n) for n in (3, 1)]
    return made


def walk(actor: Actor, root: Folder, order: str) -> list[int]:
    """Ids over all pages, two by two."""
    ids: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        state = ExplorerState(order=order)
        page = unit_page(actor=actor, root=root, state=state, cursor=cursor or None, limit=2)
        ids += [row.unit.pk for row in page.rows]
        cursor = page.next_cursor
    return ids


def is_quick(actor: Actor, root: Folder) -> bool:
    """Whether a page is read folder by folder."""
    order = order_named(actor, "name")
    page = page_by_name(actor=actor, root=root, order=order, cursor=None, limit=2)
    return page is not None


@pytest.mark.parametrize("order", ["name", "-name"])
@pytest.mark.parametrize("who", ["viewer", "night_viewer"])
def test_page_by_name__is_that_of_the_sort(
    order: str,
    who: str,
    birds: Folder,
    units: list[Unit],
    actor_for: ActorFor,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actor = actor_for(request.getfixturevalue(who))
    assert is_quick(actor, birds)
    quick = walk(actor, birds, order)
    # So many folders are too many: the page is sorted.
    monkeypatch.setattr(by_name, "MOST_FOLDERS", 1)
    assert not is_quick(actor, birds)

    assert quick == walk(actor, birds, order)
    assert len(set(quick)) == len(quick) == (20 if who == "viewer" else 12)


def test_page_by_name__waits_for_units_that_follow_a_folder(
    birds: Folder, boats: Folder, units: list[Unit], admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(admin)
    before = walk(actor, birds, "name")
    dusk = Folder.objects.get(name="Dusk")
    # It has gone to another root, and its units are still to come.
    Folder.objects.filter(pk=dusk.pk).update(root=boats, parent=boats, moved_from=birds.pk)

    assert not is_quick(actor, birds)
    assert walk(actor, birds, "name") == before


def test_page_by_name__of_nobody_is_empty(
    birds: Folder, units: list[Unit], member: User, actor_for: ActorFor
) -> None:
    assert walk(actor_for(member), birds, "name") == []
