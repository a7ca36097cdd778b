"""Reading many items: groups and sequences, batches, helpers, hostile files, killed workers."""

import io
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.actor import Actor
from accounts.models import User
from core.jobs.execution import execute_job
from core.models import Job, JobState
from core.services import jobs
from core.services.jobs import request_cancel
from folders.choices import ItemKind, ItemState
from folders.media.decoding import decode
from folders.media.errors import UnreadableMedia
from folders.models import Folder, Item, Unit
from folders.services import media_reading, processing
from folders.services.items import retry_item, upload_item
from folders.services.media_claims import claimed
from folders.services.processing import help_reading, process_item, request_processing
from folders.services.wholes import new_whole
from folders.storage import original_key, remove_item_files, thumbnail_key
from integrations.errors import ObjectUnavailable, ObjectUnreachable
from tests.factories import ItemFactory, UnitFactory
from tests.folders.media_files import animated, audio_only, bomb, encoded, picture, png, video
from tests.jobs import Worker, broker, free_broker_port, run_jobs, use_broker, wait_for

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    return actor_for(editor)


def waiting(folder: Folder, contents: list[bytes], **columns: Any) -> list[Item]:
    """Items that wait to be read, without a job."""
    items = []
    for content in contents:
        item = ItemFactory.create(
            folder=folder, state="processing", width=None, height=None, size=None, **columns
        )
        item.storage_key = default_storage.save(original_key(item.pk), ContentFile(content))
        item.save()
        UnitFactory.create(item=item, kind=item.kind)
        items.append(item)
    return items


def whole_of(actor: Actor, folder: Folder, contents: list[bytes], kind: str) -> Item:
    """A group or sequence that waits, as a registration leaves it."""
    parts = [ItemFactory.build(folder=folder, state="processing", width=None) for _ in contents]
    for part, content in zip(parts, contents, strict=True):
        part.storage_key = default_storage.save(original_key(part.pk), ContentFile(content))
    rows = new_whole(actor=actor, folder=folder, kind=ItemKind(kind), name="Whole", parts=parts)
    Item.objects.bulk_create([rows.whole])
    Item.objects.bulk_create(rows.parts)
    Unit.objects.bulk_create(rows.units)
    return rows.whole


def states(items: list[Item]) -> list[str]:
    return [Item.objects.get(pk=item.pk).state for item in items]


@pytest.mark.parametrize("kind", ["image_group", "image_sequence"])
def test_whole__is_ready_with_its_parts(birds: Folder, actor: Actor, kind: str) -> None:
    whole = whole_of(actor, birds, [png(64, 48), png(), png()], kind)
    request_processing(actor=actor, folder=birds)

    run_jobs()

    whole.refresh_from_db()
    assert (whole.state, whole.width, whole.height) == ("ready", 64, 48)
    assert (whole.failure, whole.thumbnail_version) == ("", 1)
    if kind == "image_sequence":
        assert (whole.frame_count, whole.fps, whole.duration) == (3, 1, 3)
    assert Job.objects.get().result == {"ready": 3, "failed": 0}


def test_whole__says_which_parts_failed_and_is_tried_again(birds: Folder, actor: Actor) -> None:
    whole = whole_of(actor, birds, [b"", b"text", b"%PDF-1.7"], "image_group")
    request_processing(actor=actor, folder=birds)
    run_jobs()

    whole.refresh_from_db()
    assert whole.state == "failed"
    assert whole.failure == "None of the images can be read. Image 1: The file is empty."

    # Somebody has put the originals right.
    for part in whole.parts.all()[:2]:
        default_storage.delete(part.storage_key)
        default_storage.save(part.storage_key, ContentFile(png()))
    retry_item(actor=actor, item=whole)
    run_jobs()

    whole.refresh_from_db()
    assert whole.state == "ready"
    assert whole.failure == (
        "1 of 3 images cannot be read. Image 3: The file is a PDF document, not an image."
    )


def test_process__measures_every_kind(birds: Folder, actor: Actor, tmp_path: Path) -> None:
    image, clip, gif = waiting(birds, [png(64, 48), video(tmp_path), animated("GIF")])
    Item.objects.filter(pk=clip.pk).update(kind="video")
    Unit.objects.filter(item=clip).update(kind="video")
    request_processing(actor=actor, folder=birds)

    run_jobs()

    for item in (image, clip, gif):
        item.refresh_from_db()
    assert (image.state, image.width, image.height, image.size) == (
        "ready",
        64,
        48,
        len(png(64, 48)),
    )
    assert (clip.fps, clip.duration, clip.frame_count, clip.mime_type) == (10, 3, 30, "video/mp4")
    assert gif.mime_type == "image/gif"
    assert all(default_storage.exists(thumbnail_key(item, "small")) for item in (image, clip, gif))


def hostile_files(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Files that no worker can read, and words of the reason that is given."""
    bmp = encoded(picture(), "BMP")
    return {
        "zero bytes": (b"", "empty"),
        "decompression bomb": (bomb(), "60,000 × 60,000 pixels"),
        "text": (b"Dear Sir or Madam,\n", "is text"),
        "html": (b"<html><script>alert(1)</script></html>", "is text"),
        "pdf": (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "PDF document"),
        "zip": (b"PK\x03\x04" + bytes(100), "ZIP archive"),
        "zip bomb": (b"PK\x03\x04" + b"\x00" * 10_000, "ZIP archive"),
        "elf": (b"\x7fELF\x02\x01\x01" + bytes(200), "no image of a known format"),
        "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heic", "no decoder here"),
        "truncated png": (png(200, 200)[:150], "damaged or cut off"),
        "truncated jpeg": (encoded(picture(900, 900), "JPEG")[:3000], "damaged or cut off"),
        "truncated bmp": (bmp[: len(bmp) // 2], "damaged or cut off"),
        "playlist": (b"#EXTM3U\nfile:///etc/passwd\n", "is text"),
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is text"),
        "sound": (audio_only(folder), "no moving pictures"),
        "truncated video": (video(folder)[:900], "damaged"),
        "gzip": (b"\x1f\x8b\x08" + bytes(50), "an archive"),
    }


def test_process__hostile_files_fail_with_the_reason_and_the_rest_goes_on(
    birds: Folder, actor: Actor, tmp_path: Path
) -> None:
    hostile = hostile_files(tmp_path)
    contents = [png(), *(content for content, _ in hostile.values()), png()]
    items = [
        upload_item(actor=actor, folder=birds, file=io.BytesIO(content), name="a.png")
        for content in contents
    ]

    run_jobs()

    found = {item.pk: item for item in Item.objects.all()}
    first, *bad, last = [found[item.pk] for item in items]
    assert (first.state, last.state) == ("ready", "ready")
    for (what, (_, words)), item in zip(hostile.items(), bad, strict=True):
        assert (item.state, words in item.failure) == ("failed", True), f"{what}: {item.failure}"
    assert Job.objects.get().result == {"ready": 2, "failed": len(hostile)}


def test_process__a_polyglot_is_what_its_first_bytes_say(birds: Folder, actor: Actor) -> None:
    archive = b"PK\x03\x04" + struct.pack("<H", 20) + bytes(24) + b"evil.js"
    content = encoded(picture(), "GIF") + b"<script>alert(1)</script>" + archive

    item = upload_item(actor=actor, folder=birds, file=io.BytesIO(content), name="evil.html")
    process_item(item_id=item.pk)

    item.refresh_from_db()
    assert (item.state, item.kind, item.mime_type) == ("ready", "image", "image/gif")


def test_process__costs_few_statements_per_item(birds: Folder, actor: Actor) -> None:
    waiting(birds, [png()] * 60)
    job = request_processing(actor=actor, folder=birds)

    with CaptureQueriesContext(connection) as queries:
        execute_job(job_id=job.pk, own_connection=False)

    assert Item.objects.ready().count() == 60
    assert len(queries) < 60


def test_process__what_was_claimed_before_is_claimed_alone(birds: Folder, actor: Actor) -> None:
    items = waiting(birds, [png()] * 5)
    Item.objects.filter(pk__in=[item.pk for item in items[:3]]).update(attempts=1)
    sizes: list[int] = []
    read = media_reading.read_items

    def spy(batch: list[Item]) -> Iterator[Any]:
        sizes.append(len(batch))
        return read(batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processing, "read_items", spy)
        request_processing(actor=actor, folder=birds)
        run_jobs()

    assert sizes == [1, 1, 1, 2]
    assert set(Item.objects.values_list("attempts", "state")) == {(0, "ready")}


def test_process__a_pack_that_brings_a_decoder_down_is_read_one_by_one(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = waiting(birds, [png(), b"text", png()])
    Item.objects.update(size=100)
    operations: list[str] = []

    def fragile(file: Any, operation: str, *rest: Any, **options: Any) -> Any:
        operations.append(operation.rsplit(":", 1)[1])
        if operations[-1] == "measure_images":
            raise UnreadableMedia("Reading the file brought the decoder down (SIGSEGV).")
        return decode(file, operation, *rest, **options)

    monkeypatch.setattr(media_reading, "decode", fragile)
    request_processing(actor=actor, folder=birds)

    run_jobs()

    assert operations == ["measure_images", *["measure_image"] * 3]
    assert states(items) == ["ready", "failed", "ready"]
    assert "is text" in Item.objects.get(pk=items[1].pk).failure


def test_process__an_object_elsewhere_that_cannot_be_had_fails_alone(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [
        ItemFactory.create(folder=birds, state="processing", object_url=f"https://x.test/{name}")
        for name in ("forbidden", "silent", "late", "there")
    ]
    asked: list[str] = []

    def open_it(item: Item) -> io.BytesIO:
        asked.append(item.object_url)
        match item.object_url.rsplit("/", 1)[1]:
            case "forbidden":
                raise ObjectUnavailable("The server refuses it (403).")
            case "silent":
                raise ObjectUnreachable("The server did not answer.")
            case "late" if asked.count(item.object_url) == 1:
                raise ObjectUnreachable("The server did not answer.")
        return io.BytesIO(png())

    monkeypatch.setattr(media_reading, "open_original", open_it)
    monkeypatch.setattr(media_reading, "_RETRY_AFTER", (0, 0))
    request_processing(actor=actor, folder=birds)

    run_jobs()

    assert states(items) == ["failed", "failed", "ready", "ready"]
    assert Item.objects.get(pk=items[0].pk).failure == "The server refuses it (403)."
    assert Item.objects.get(pk=items[1].pk).failure == "The server did not answer."


def test_process__a_cancelled_job_keeps_what_it_did_and_gives_the_rest_back(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = waiting(birds, [png()] * 6)
    job = request_processing(actor=actor, folder=birds)
    read = media_reading.read_items

    def cancelled_half_way(batch: list[Item]) -> Iterator[Any]:
        for number, outcome in enumerate(read(batch)):
            if number == 3:
                request_cancel(job=job)
                time.sleep(1.1)
            yield outcome

    monkeypatch.setattr(processing, "read_items", cancelled_half_way)
    execute_job(job_id=job.pk, own_connection=False)

    assert Job.objects.get().state == JobState.CANCELLED
    left = Item.objects.filter(state=ItemState.PROCESSING)
    assert 0 < left.count() < 6
    assert set(left.values_list("attempts", flat=True)) == {0}
    monkeypatch.undo()
    request_processing(actor=actor, folder=birds)
    run_jobs()
    assert states(items) == ["ready"] * 6


def test_process__deleted_meanwhile_leaves_no_files(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = waiting(birds, [png(), png()])
    read = media_reading.read_items

    def deleted_meanwhile(batch: list[Item]) -> Iterator[Any]:
        outcomes = list(read(batch))
        Item.objects.filter(pk=gone.pk).delete()
        remove_item_files(gone.pk)
        for outcome in outcomes:
            for size in ("small", "large"):
                default_storage.save(thumbnail_key(outcome.item, size), ContentFile(b"x"))
            yield outcome

    monkeypatch.setattr(processing, "read_items", deleted_meanwhile)
    request_processing(actor=actor, folder=birds)
    run_jobs()

    assert states([kept]) == ["ready"]
    assert not default_storage.exists(f"derived/{gone.pk.hex[:2]}/{gone.pk.hex}")


def test_helper__of_a_job_that_is_over_does_nothing(birds: Folder, actor: Actor) -> None:
    job = request_processing(actor=actor, folder=birds)
    run_jobs()
    items = waiting(birds, [png()])

    help_reading(job.pk)
    help_reading(items[0].pk)

    assert states(items) == ["processing"]


@pytest.mark.django_db(transaction=True)
def test_helpers__share_one_job_s_items(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = waiting(birds, [png()] * 40)
    job = request_processing(actor=actor, folder=birds)
    monkeypatch.setattr(processing, "_ITEMS_PER_WORKER", 10)
    monkeypatch.setattr("folders.services.media_claims.BATCH_WEIGHT", 5)
    called: list[tuple[str, list[str], str]] = []
    read_by: set[str] = set()
    read = media_reading.read_items

    def spy(batch: list[Item]) -> Iterator[Any]:
        read_by.add(threading.current_thread().name)
        return read(batch)

    def send(name: str, arguments: list[str], queue: str) -> bool:
        called.append((name, arguments, queue))
        helpers.append(pool.submit(helper))
        return True

    def helper() -> None:
        try:
            help_reading(job.pk)
        finally:
            connection.close()

    monkeypatch.setattr(processing, "read_items", spy)
    monkeypatch.setattr(processing, "send_task", send)
    helpers: list[Any] = []
    with ThreadPoolExecutor(4) as pool:
        execute_job(job_id=job.pk)
        for future in helpers:
            future.result(60)

    assert called == [("folders.help_reading", [str(job.pk)], "media")] * 4
    assert len(read_by) > 1
    assert states(items) == ["ready"] * 40
    job.refresh_from_db()
    assert job.result == {"ready": 40, "failed": 0}
    assert (job.done, job.total) == (40, 40)


@pytest.mark.django_db(transaction=True)
def test_helper__that_dies_leaves_its_items_to_the_job(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = waiting(birds, [png()] * 12)
    job = request_processing(actor=actor, folder=birds)
    monkeypatch.setattr(processing, "_ITEMS_PER_WORKER", 6)
    monkeypatch.setattr(processing, "send_task", lambda *_: True)
    held, let_go = threading.Event(), threading.Event()

    def helper() -> None:
        try:
            with claimed([item.pk for item in items[:5]]):
                held.set()
                let_go.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        helping = pool.submit(helper)
        assert held.wait(20)
        working = pool.submit(_execute, job)
        wait_for(lambda: Item.objects.ready().count() == 7, what="the free ones")
        assert not working.done()
        let_go.set()
        helping.result(20)
        working.result(20)

    assert states(items) == ["ready"] * 12


def _execute(job: Job) -> None:
    try:
        execute_job(job_id=job.pk)
    finally:
        connection.close()


@pytest.fixture
def _patient(settings: LazySettings) -> Iterator[None]:
    before = settings.CELERY_BROKER_URL
    settings.JOB_HEARTBEAT_TIMEOUT_SECONDS = 3
    yield
    use_broker(before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_patient")
def test_process__goes_on_after_kill_9(
    birds: Folder, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The worker is another process: it finds the media by its environment.
    monkeypatch.setenv("KINDRED_DATA", str(tmp_path))
    contents = [encoded(Image.new("RGB", (700, 500), (n, 0, 0)), "PNG") for n in range(220)]
    items = waiting(birds, [*contents, b"text"])
    with broker(free_broker_port()) as url:
        use_broker(url)
        job = request_processing(actor=actor, folder=birds)
        with Worker(url, tmp_path / "first.log") as worker:
            wait_for(
                lambda: Item.objects.ready().count() > 0,
                what=f"the first items (see {worker.log})",
                seconds=120,
            )
            worker.kill()
        assert Item.objects.filter(state=ItemState.PROCESSING).exists()

        wait_for(jobs.reap_lost_jobs, what="the reaper to notice", seconds=30)
        with Worker(url, tmp_path / "second.log"):
            wait_for(
                lambda: Job.objects.get(pk=job.pk).state == JobState.FINISHED,
                what="the second worker",
                seconds=180,
            )

    assert states(items) == ["ready"] * 220 + ["failed"]
    assert Job.objects.get(pk=job.pk).result == {"ready": 220, "failed": 1}
    assert Unit.objects.count() == 221
