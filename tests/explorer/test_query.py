"""Pages of units: order, cursors, search."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotFound
from explorer.query import UnitPage, count_units, unit_page
from explorer.state import ExplorerState
from folders.models import Folder, MetadataKey, Unit
from tests.explorer.conftest import World
from tests.factories import ItemFactory, UnitFactory

ActorFor = Callable[[User], Actor]
DAYS = "metadata.taken"
ORDERS = ["created_at", "name", "metadata.ink", "metadata.label", "metadata.seen", DAYS]


def walk(actor: Actor, root: Folder, state: ExplorerState, limit: int) -> list[int]:
    """Ids over all pages."""
    ids: list[int] = []
    cursor = None
    while True:
        page = unit_page(actor=actor, root=root, state=state, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        ids += [row.unit.pk for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return ids


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 5, 12, 50])
def test_pages__go_on_exactly(
    order: str, direction: str, limit: int, world: World, viewer: User, actor_for: ActorFor
) -> None:
    state = ExplorerState(order=direction + order)

    ids = walk(actor_for(viewer), world.root, state, limit)

    assert ids == walk(actor_for(viewer), world.root, state, 100)
    assert sorted(ids) == world.ids


def test_order__is_that_of_the_values_with_none_last(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    actor = actor_for(viewer)
    ids = world.ids
    rest = ids[:5] + ids[6:]

    assert walk(actor, world.root, ExplorerState(order="name"), 5) == ids
    assert walk(actor, world.root, ExplorerState(order="-created_at"), 5) == ids[::-1]
    assert walk(actor, world.root, ExplorerState(order="metadata.ink"), 5) == [*rest, ids[5]]
    assert walk(actor, world.root, ExplorerState(order="-metadata.ink"), 5) == [
        *rest[::-1],
        ids[5],
    ]
    assert walk(actor, world.root, ExplorerState(order=DAYS), 3) == ids
    assert walk(actor, world.root, ExplorerState(order="metadata.label"), 5) == [
        ids[i] for i in (0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11)
    ]


def test_order__equal_names_by_id(birds: Folder, viewer: User, actor_for: ActorFor) -> None:
    units = [UnitFactory.create(item__folder=birds, item__name="same.png") for _ in range(7)]

    for order in ("name", "-name"):
        ids = walk(actor_for(viewer), birds, ExplorerState(order=order), 2)
        assert ids == [unit.pk for unit in units]


@pytest.mark.parametrize("order", ["", "-", "size", "metadata.nonsense", "metadata.clip"])
def test_order__refuses_what_there_is_not(
    order: str, world: World, viewer: User, actor_for: ActorFor
) -> None:
    with pytest.raises(InvalidInput) as refused:
        unit_page(actor=actor_for(viewer), root=world.root, state=ExplorerState(order=order))

    assert refused.value.errors[0].path == "order"


@pytest.mark.parametrize(
    "cursor", ["nonsense", "e30", "WyJuYW1lIiwgMywgNV0", "WyJuYW1lIl0", "NQ", "W" * 40_000]
)
def test_cursor__of_another_list_is_refused(
    cursor: str, world: World, viewer: User, actor_for: ActorFor
) -> None:
    state = ExplorerState(order="name")

    with pytest.raises(InvalidInput):
        unit_page(actor=actor_for(viewer), root=world.root, state=state, cursor=cursor)


def test_cursor__holds_while_units_come_and_go(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    actor, state = actor_for(viewer), ExplorerState(order="name")
    first = unit_page(actor=actor, root=world.root, state=state, limit=4)
    Unit.objects.filter(pk=first.rows[-1].unit.pk).delete()
    item = ItemFactory.create(folder=world.root, name="aaa.png")
    UnitFactory.create(item=item)

    second = unit_page(actor=actor, root=world.root, state=state, limit=4, cursor=first.next_cursor)

    assert [row.unit.pk for row in second.rows] == world.ids[4:8]


def test_pages__show_only_what_the_actor_sees(
    world: World, night_viewer: User, actor_for: ActorFor
) -> None:
    actor = actor_for(night_viewer)

    assert walk(actor, world.root, ExplorerState(order="name"), 3) == world.ids[8:]
    assert count_units(actor=actor, root=world.root, state=ExplorerState()) == 4


def test_search__by_distance_page_by_page(world: World, viewer: User, actor_for: ActorFor) -> None:
    actor = actor_for(viewer)
    state = ExplorerState(embedding="clip", similar=world.ids[0])

    assert walk(actor, world.root, state, 3) == world.ids[:10]
    page = unit_page(actor=actor, root=world.root, state=state, limit=3)
    assert page.search is not None
    assert (page.search.how, page.search.searched) == ("exact", 10)
    assert page.rows[0].distance == pytest.approx(0, abs=1e-12)


def test_search__threshold_cuts_pages_and_count_alike(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    actor = actor_for(viewer)
    state = ExplorerState(embedding="clip", similar=world.ids[0])
    distances = _distances(unit_page(actor=actor, root=world.root, state=state))

    cut = state.changed(distance=distances[4])

    assert walk(actor, world.root, cut, 2) == world.ids[:5]
    assert count_units(actor=actor, root=world.root, state=cut) == 5
    assert count_units(actor=actor, root=world.root, state=state) == 10


def test_search__within_a_filter(world: World, viewer: User, actor_for: ActorFor) -> None:
    state = ExplorerState(
        filter={"all": [{"field": "metadata.label", "op": "in", "value": ["a"]}]},
        embedding="clip",
        similar=world.ids[1],
    )

    ids = walk(actor_for(viewer), world.root, state, 2)

    assert ids == [world.ids[i] for i in (0, 3, 6, 9)]
    assert count_units(actor=actor_for(viewer), root=world.root, state=state) == 4


def test_search__leaves_out_what_is_hidden(
    world: World, night_viewer: User, actor_for: ActorFor
) -> None:
    actor = actor_for(night_viewer)
    hidden = ExplorerState(embedding="clip", similar=world.ids[0])
    with pytest.raises(NotFound):
        unit_page(actor=actor, root=world.root, state=hidden)

    state = hidden.changed(similar=world.ids[9], distance=2.0)

    assert walk(actor, world.root, state, 1) == [world.ids[9], world.ids[8]]
    assert count_units(actor=actor, root=world.root, state=state) == 2


def test_search__needs_a_vector_and_a_key(world: World, viewer: User, actor_for: ActorFor) -> None:
    actor = actor_for(viewer)
    state = ExplorerState(embedding="clip", similar=world.ids[11])
    with pytest.raises(InvalidInput):
        unit_page(actor=actor, root=world.root, state=state)
    MetadataKey.objects.filter(name="clip").update(name="other")
    with pytest.raises(InvalidInput) as refused:
        unit_page(actor=actor, root=world.root, state=state)
    assert refused.value.code == "unknown_embedding"


def _distances(page: UnitPage) -> list[float]:
    return [row.distance for row in page.rows if row.distance is not None]
