"""Maps go with what they show."""

from collections.abc import Callable

from accounts.actor import Actor
from accounts.models import User
from embeddings.models import Reduction, ReductionPoint
from folders.models import Folder, Unit
from folders.services.deletion import delete_folder, delete_items
from folders.services.moves import move_folder
from tests.embeddings.maps.conftest import SmallMap

ActorFor = Callable[[User], Actor]


def units_shown() -> list[int]:
    return list(ReductionPoint.objects.order_by("ordinal").values_list("unit", flat=True))


def test_points__go_with_their_items(small_map: SmallMap, admin: User, actor_for: ActorFor) -> None:
    item = Unit.objects.get(pk=small_map.units[2]).item_id

    delete_items(actor=actor_for(admin), item_ids=[item])

    assert units_shown() == [unit for unit in small_map.units if unit != small_map.units[2]]


def test_points__of_a_folder_that_moves_to_another_root_leave_the_map(
    small_map: SmallMap, night: Folder, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    move_folder(actor=actor_for(admin), folder=night, parent=boats)

    assert units_shown() == small_map.units[:4]


def test_maps__go_with_their_root_folder(
    small_map: SmallMap, birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    delete_folder(actor=actor_for(admin), folder=birds)

    assert not Reduction.objects.exists()
    assert not ReductionPoint.objects.exists()
