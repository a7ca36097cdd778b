"""How much is in a folder."""

from folders.choices import ItemState, UnitKind
from folders.counts import folder_contents, item_counts
from folders.models import Folder
from tests.factories import FolderFactory, ItemFactory, UnitFactory


def test_item_counts__of_the_folder_and_all_below(
    birds: Folder, night: Folder, boats: Folder
) -> None:
    owls = FolderFactory.create(parent=night)
    UnitFactory.create_batch(2, item__folder=birds)
    video = UnitFactory.create(item__folder=owls, kind=UnitKind.VIDEO)
    UnitFactory.create(item=video.item, kind=UnitKind.FRAME, frame=3)
    ItemFactory.create(folder=night, state=ItemState.PROCESSING)
    ItemFactory.create(folder=owls, state=ItemState.FAILED)
    UnitFactory.create(item__folder=boats)

    counts = item_counts(birds)

    assert (counts.units, counts.folders) == (4, 2)
    assert dict(counts.kinds) == {"image": 2, "video": 1, "frame": 1}
    assert (counts.processing, counts.failed) == (1, 1)
    assert item_counts(boats).kinds == [("image", 1)]


def test_item_counts__signature_changes_with_what_the_table_shows(birds: Folder) -> None:
    item = ItemFactory.create(folder=birds, state=ItemState.PROCESSING)
    before = item_counts(birds).signature

    assert item_counts(birds).signature == before
    item.state = ItemState.FAILED
    item.save()
    assert item_counts(birds).signature != before


def test_folder_contents__leaves_out_the_folder_itself(birds: Folder, night: Folder) -> None:
    ItemFactory.create(folder=birds)
    ItemFactory.create(folder=night)

    contents = folder_contents(birds)

    assert (contents.items, contents.folders) == (2, 1)
    assert folder_contents(night).folders == 0
