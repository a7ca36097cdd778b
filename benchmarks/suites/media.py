"""Reading media: the worker's job against bare Pillow, which decodes, encodes and writes only."""

import io
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from benchmarks.measure import Comparison, Series, side_by_side
from benchmarks.memory import PeakMemory
from benchmarks.report import as_json, table
from benchmarks.world import World, new_world
from core.jobs.execution import execute_job
from folders.choices import ItemKind, ItemState, UnitKind
from folders.constants import MAX_IMAGE_PIXELS, THUMBNAIL_SIZES
from folders.media.image import read_image, thumbnails
from folders.models import Folder, Item, Unit
from folders.services.processing import process_item, request_processing
from folders.storage import original_key

SMALL = {"small": THUMBNAIL_SIZES["small"]}
JOB, SINGLY, BARE = "one job for all", "items one by one", "bare Pillow, one process"


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--tiny", type=int, default=2000, help="PNG of 32 × 32 (2000)")
    parser.add_argument("--photos", type=int, default=100, help="JPEG of 4000 × 3000 (100)")
    parser.add_argument("--media-rounds", type=int, default=3, help="times measured (3)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Measure the reading of very small and of ordinary pictures."""
    world = new_world("media")
    generator = np.random.default_rng(20)
    tiny = [_file(generator, 32, 32, "PNG") for _ in range(arguments.tiny)]
    photo = _file(generator, 4000, 3000, "JPEG")
    comparisons, memory = [], {}
    for task, files in (
        (f"{arguments.tiny:,} PNG of 32 × 32", tiny),
        (f"{arguments.photos:,} JPEG of 4000 × 3000", [photo] * arguments.photos),
    ):
        with PeakMemory() as peak:
            series = _measure(world, files, arguments.media_rounds)
        comparisons.append(Comparison(task, series, BARE))
        memory[task] = round(peak.megabytes)
    sizes = ("tiny", "photos", "media_rounds")
    return {
        "sizes": {name: getattr(arguments, name) for name in sizes},
        "comparisons": as_json(comparisons),
        "peak_megabytes": memory,
    }


def report(result: dict[str, Any]) -> str:
    """One line for each contender, then the memory."""
    lines = [f"{task}: at most {size} MB" for task, size in result["peak_megabytes"].items()]
    return "\n".join([table(result), *lines])


def _measure(world: World, files: list[bytes], rounds: int) -> list[Series]:
    contenders: dict[str, Callable[[Folder], object]] = {
        JOB: lambda folder: _job(world, folder),
        SINGLY: _singly,
        BARE: _bare,
    }
    # Each contender has a folder of its own in each round, filled before any of them begins.
    cases = [{name: _folder(world, files) for name in contenders} for _ in range(rounds)]
    return side_by_side(
        {name: _with_own(name, act) for name, act in contenders.items()}, cases, rows=len(files)
    )


def _with_own(name: str, act: Callable[[Folder], object]) -> Callable[[dict[str, Folder]], object]:
    return lambda folders: act(folders[name])


def _job(world: World, folder: Folder) -> None:
    job = request_processing(actor=world.actor, folder=folder)
    execute_job(job_id=job.pk)
    _require_ready(folder)


def _singly(folder: Folder) -> None:
    for item_id in Item.objects.filter(folder=folder).values_list("pk", flat=True):
        process_item(item_id=item_id)
    _require_ready(folder)


def _bare(folder: Folder) -> None:
    """What every reader has to do: no claims, no measures kept, no decoder of its own."""
    target = Path(settings.KINDRED_DATA) / "bare" / folder.pk.hex
    target.mkdir(parents=True)
    media = Path(default_storage.path(""))
    for key in Item.objects.filter(folder=folder).values_list("storage_key", flat=True):
        file = io.BytesIO((media / key).read_bytes())
        picture = read_image(file, max_side=SMALL["small"], max_pixels=MAX_IMAGE_PIXELS)
        made = thumbnails(picture.image, SMALL)["small"]
        (target / uuid4().hex).write_bytes(made)


def _folder(world: World, files: list[bytes]) -> Folder:
    """A folder of items that wait to be read, their originals in the storage."""
    folder = Folder(organisation=world.actor.organisation, parent=world.root, name="Pictures")
    folder.root, folder.path = world.root, f"{world.root.path}{folder.id.hex}/"
    folder.save(force_insert=True)
    items = [
        Item(
            organisation=world.actor.organisation,
            folder=folder,
            kind=ItemKind.IMAGE,
            name=f"image-{number:06}",
            size=len(content),
            state=ItemState.PROCESSING,
        )
        for number, content in enumerate(files)
    ]
    for item, content in zip(items, files, strict=True):
        item.storage_key = default_storage.save(original_key(item.pk), ContentFile(content))
    Item.objects.bulk_create(items, batch_size=1000)
    Unit.objects.bulk_create(
        (Unit(item=item, kind=UnitKind.IMAGE, folder=folder, root=world.root) for item in items),
        batch_size=1000,
    )
    return folder


def _require_ready(folder: Folder) -> None:
    if Item.objects.filter(folder=folder).exclude(state=ItemState.READY).exists():
        raise RuntimeError("Not all pictures were read.")


def _file(generator: np.random.Generator, width: int, height: int, image_format: str) -> bytes:
    """A picture with some structure: noise of a sixteenth of its size, enlarged."""
    shape = (max(2, height // 16), max(2, width // 16), 3)
    noise = Image.fromarray(generator.integers(0, 255, shape, dtype=np.uint8))
    buffer = io.BytesIO()
    noise.resize((width, height), Image.Resampling.BICUBIC).save(buffer, image_format)
    return buffer.getvalue()
