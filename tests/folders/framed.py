"""Items with frames, without files: videos with given measures, and sequences."""

from folders.choices import ItemKind, UnitKind
from folders.models import Folder, Item, Unit
from tests.factories import ItemFactory, UnitFactory


def make_video(
    folder: Folder, *, fps: float = 10, duration: float = 3, name: str = "a.mp4"
) -> Item:
    """A ready video at an address, of which only the given measures are known."""
    item: Item = ItemFactory.create(
        folder=folder,
        kind=ItemKind.VIDEO,
        name=name,
        object_url=f"https://example.org/{name}",
        fps=fps,
        duration=duration,
        frame_count=round(fps * duration),
        measures_given=True,
    )
    UnitFactory.create(item=item, kind=UnitKind.VIDEO)
    return item


def make_sequence(folder: Folder, count: int, *, name: str = "walk") -> Item:
    """A ready sequence of so many images; no frame of it is a unit yet."""
    item: Item = ItemFactory.create(
        folder=folder, kind=ItemKind.IMAGE_SEQUENCE, name=name, frame_count=count
    )
    UnitFactory.create(item=item, kind=UnitKind.IMAGE_SEQUENCE)
    for position in range(count):
        ItemFactory.create(
            folder=folder, parent=item, position=position, name=f"{name}-{position}.png"
        )
    return item


def frames_of(item: Item) -> list[int]:
    """Numbers of the frames that are units, ascending."""
    units = Unit.objects.filter(item=item, frame__isnull=False).order_by("frame")
    return [frame for frame in units.values_list("frame", flat=True) if frame is not None]


def key_frames_of(item: Item) -> list[int]:
    """Numbers of the key frames, ascending."""
    keys = set(Unit.objects.filter(item=item, is_key_frame=True).values_list("frame", flat=True))
    return [frame for frame in frames_of(item) if frame in keys]
