"""Brings the demo in, through the services that everybody's data uses."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from folders.choices import KeyType
from folders.models import Folder, MetadataKey
from folders.services.deletion import delete_folder
from folders.services.folders import create_folder
from folders.services.imports import ItemRecord, import_items
from folders.services.schema import add_key
from portal.demo import digits as digits_data
from portal.demo import video
from portal.demo.digits import Digits

FOLDER_NAME = "Digits"
PIXELS_KEY = "digit-pixels"
LDA_KEY = "digit-lda"
# By this mark, which nobody types by chance, the demo is found again.
DESCRIPTION = "Demo: 1,797 handwritten digits and a video, with two embeddings."
VIDEO_NAME = "digits.mp4"
# The video shows every so many-th digit, one a second.
_VIDEO_STEP = 45
_BATCH = 300

_KEYS: dict[str, dict[str, Any]] = {
    "label": {"type": KeyType.ENUM, "values": [str(digit) for digit in range(10)]},
    "mean_ink": {"type": KeyType.NUMBER},
    "written_at": {"type": KeyType.DATETIME},
    PIXELS_KEY: {"type": KeyType.EMBEDDING, "dimensions": digits_data.PIXEL_DIMENSIONS},
    LDA_KEY: {"type": KeyType.EMBEDDING, "dimensions": digits_data.LDA_DIMENSIONS},
}


def find_demo(actor: Actor) -> Folder | None:
    """The demo's root folder, if it is there."""
    roots = Folder.objects.visible_to(actor).roots()
    return roots.filter(name=FOLDER_NAME, description=DESCRIPTION).first()


@transaction.atomic
def remove_demo(*, actor: Actor) -> bool:
    """Delete the demo's folder with all that it holds; its schema keys stay."""
    folder = find_demo(actor)
    if folder is None:
        return False
    delete_folder(actor=actor, folder=folder)
    return True


@transaction.atomic
def build_demo(*, actor: Actor) -> Folder:
    """Make the demo's folder, all or nothing, and start its maps; workers do the rest.

    Raises:
        Conflict: a schema key of one of the demo's names exists with another type or size.
    """
    keys = {name: _key(actor, name, options) for name, options in _KEYS.items()}
    folder = create_folder(actor=actor, name=FOLDER_NAME, description=DESCRIPTION)
    digits = digits_data.load()
    for records in _batches(digits):
        import_items(actor=actor, folder=folder, records=records)
    import_items(actor=actor, folder=folder, records=[_video_record(digits)])
    maps = [UpgradeChoice(keys[name], reduce=True) for name in (PIXELS_KEY, LDA_KEY)]
    save_upgrade(actor=actor, root=folder, keys=maps)
    return folder


def _key(actor: Actor, name: str, options: dict[str, Any]) -> MetadataKey:
    """The key of that name, made if need be."""
    key = MetadataKey.objects.visible_to(actor).live().filter(name=name).first()
    if key is None:
        return add_key(actor=actor, name=name, **options)
    if key.type != options["type"] or key.dimensions != options.get("dimensions"):
        raise Conflict(f"The demo needs a key “{name}” of another kind than the one that exists.")
    return key


def _batches(digits: Digits) -> Iterator[list[ItemRecord]]:
    for start in range(0, len(digits), _BATCH):
        indices = range(start, min(start + _BATCH, len(digits)))
        yield [_picture_record(digits, index) for index in indices]


def _picture_record(digits: Digits, index: int) -> ItemRecord:
    return ItemRecord(
        name=f"digit-{index:04}.png",
        content=digits_data.png(digits.pictures[index]),
        metadata=_facts(digits, index) | _vectors(digits, index),
    )


def _video_record(digits: Digits) -> ItemRecord:
    """The video; each frame on which a digit begins is a key frame with that digit's facts."""
    shown = list(range(0, len(digits), _VIDEO_STEP))
    frames = {
        str(second * video.FRAMES_PER_DIGIT): _facts(digits, index) | _vectors(digits, index)
        for second, index in enumerate(shown)
    }
    return ItemRecord(
        name=VIDEO_NAME,
        content=video.write(digits, shown),
        metadata={"$encord": {"frames": frames}},
    )


def _facts(digits: Digits, index: int) -> dict[str, Any]:
    return {
        "label": str(digits.labels[index]),
        "mean_ink": digits.mean_ink(index),
        "written_at": digits.written_at(index),
    }


def _vectors(digits: Digits, index: int) -> dict[str, list[float]]:
    vectors = {PIXELS_KEY: digits.pixels[index].tolist()}
    if index < len(digits) - digits_data.WITHOUT_LDA:
        vectors[LDA_KEY] = digits.lda[index].tolist()
    return vectors
