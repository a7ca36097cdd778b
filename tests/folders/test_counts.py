"""How much is in a folder."""

from django.db import connection

from collections_app.models import Collection, CollectionUnit
from folders.choices import ItemState, UnitKind
from folders.counts import Bounded, count_up_to, folder_contents, item_counts, units_below
from folders.models import Folder, Item, Unit, UnitCount
from tests.embeddings.worlds import make_key, put
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

    assert (counts.units, counts.folders) == (4, Bounded(2))
    assert dict(counts.kinds) == {"image": 2, "video": 1, "frame": 1}
    assert (counts.processing, counts.failed) == (Bounded(1), Bounded(1))
    assert item_counts(boats).kinds == [("image", 1)]


def test_item_counts__signature_changes_with_what_the_table_shows(birds: Folder) -> None:
    item = ItemFactory.create(folder=birds, state=ItemState.PROCESSING)
    before = item_counts(birds).signature

    assert item_counts(birds).signature == before
    item.state = ItemState.FAILED
    item.save()
    assert item_counts(birds).signature != before


def test_folder_contents__leaves_out_the_folder_itself(birds: Folder, night: Folder) -> None:
    UnitFactory.create(item__folder=birds)
    video = UnitFactory.create(item__folder=night, kind=UnitKind.VIDEO)
    UnitFactory.create(item=video.item, kind=UnitKind.FRAME, frame=3)
    key = make_key(birds)
    put(key, {video.pk: [1, 2, 3]})
    collection = Collection.objects.create(root=birds, name="Singers")

    contents = folder_contents(birds)

    assert (contents.items, contents.frames, contents.folders) == (2, 1, Bounded(1))
    assert contents.kinds == [("image", 1), ("video", 1)]
    found = {other.noun: (other.count, other.kept) for other in contents.others}
    assert found == {
        "vector": (1, False),
        "map": (0, False),
        "collection": (1, False),
        "preset": (0, False),
    }
    below = folder_contents(night)
    assert below.folders == Bounded(0)
    # The collection of the root holds nothing of the folder below.
    assert {other.noun: other.count for other in below.others} == {
        "vector": 1,
        "map": 0,
        "collection": 0,
    }
    CollectionUnit.objects.create(collection=collection, unit=video)
    kept = {other.noun: other for other in folder_contents(night).others}["collection"]
    assert (kept.count, kept.kept) == (1, True)


def test_folder_contents__of_an_empty_folder(night: Folder) -> None:
    assert folder_contents(night).is_empty


def test_count_up_to__stops_counting(birds: Folder) -> None:
    ItemFactory.create_batch(3, folder=birds)

    assert str(count_up_to(Item.objects.all(), 2)) == "2+"
    assert count_up_to(Item.objects.all(), 3) == Bounded(3)
    assert Bounded(1).of("item") == "1 item"
    assert Bounded(10_000, more=True).of("item") == "10,000+ items"


def counted() -> dict[tuple[str, str], int]:
    """What the triggers have counted: by folder and kind."""
    found: dict[tuple[str, str], int] = {}
    for row in UnitCount.objects.all():
        place = (str(row.folder_id), row.kind)
        found[place] = found.get(place, 0) + row.units
    return {place: units for place, units in found.items() if units}


def test_unit_counts__follow_units_whoever_writes_them(
    birds: Folder, night: Folder, boats: Folder
) -> None:
    units = [UnitFactory.create(item__folder=birds) for _ in range(5)]
    assert counted() == {(str(birds.pk), "image"): 5}

    Unit.objects.filter(pk__in=[unit.pk for unit in units[:2]]).update(folder=night)
    Unit.objects.filter(pk=units[4].pk).update(metadata={"label": "owl"}, root=boats)
    assert counted() == {(str(birds.pk), "image"): 3, (str(night.pk), "image"): 2}
    assert units_below([birds, night, boats]) == {birds.pk: 5, night.pk: 2}

    Item.objects.filter(pk=units[0].item_id).delete()
    Unit.objects.filter(pk=units[1].pk).update(kind=UnitKind.VIDEO)
    assert counted() == {(str(birds.pk), "image"): 3, (str(night.pk), "video"): 1}

    # What a writer does now and then: rows become fewer, the sums stay.
    before = counted()
    with connection.cursor() as cursor:
        cursor.execute("SELECT folders_sum_unit_counts(ARRAY(SELECT id FROM folders_folder))")
    assert counted() == before
    assert UnitCount.objects.count() == 2
    Folder.objects.filter(pk=night.pk).delete()
    assert counted() == {(str(birds.pk), "image"): 3}
