"""Bulk imports as such: dry run, carrying out, cancelling, resuming, and what stays of failures."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import AuditEvent, Job, JobState
from core.services.jobs import request_cancel
from folders.choices import ImportState, KeyType, UploadPurpose
from folders.imports.errors import ErrorLog, as_csv, as_json_lines, stored_errors
from folders.imports.registration import write as writing
from folders.models import Folder, Import, Item, MetadataKey, Unit
from folders.services.data_imports import cancel_import, carry_out, start_import
from folders.services.deletion import delete_folder, delete_items
from folders.services.import_runs import end_forgotten_imports
from folders.services.imports import live_keys, write_entries
from folders.services.moves import move_items
from folders.services.schema import add_key, delete_key
from folders.services.uploads import begin_upload, receive_part
from tests.factories import ItemFactory
from tests.folders.imports.files import image, paths, run_import, work

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


@pytest.fixture
def label(admin: User, actor_for: ActorFor) -> MetadataKey:
    """A key."""
    return add_key(actor=actor_for(admin), name="label", type=KeyType.ENUM, values=["owl", "tit"])


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two entries a batch."""
    monkeypatch.setattr("folders.imports.batches.BATCH_SIZE", 2)
    monkeypatch.setattr(writing, "BATCH_SIZE", 2)


def images(count: int, **parts: Any) -> dict[str, Any]:
    """A registration of so many images."""
    return {"images": [image(f"{n}.png", **parts) for n in range(count)]}


def files_of(row: Import) -> list[str]:
    """What the storage keeps of an import."""
    folder = f"imports/{row.pk.hex[:2]}/{row.pk.hex}"
    return sorted(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else []


def test_dry_run__writes_nothing_and_can_be_carried_out(birds: Folder, actor: Actor) -> None:
    row = run_import(actor, birds, images(3), dry_run=True)

    assert (row.state, row.dry_run) == (ImportState.CHECKED, True)
    assert row.report["counts"] == {"image": 3}
    assert row.report["sample"][0] == {
        "path": "images.0",
        "kind": "image",
        "name": "/0.png",
        "object_url": "https://pictures.example.org/0.png",
        "parts": 0,
        "metadata": [],
        "vectors": {},
        "frames": 0,
    }
    assert not Item.objects.exists()
    assert files_of(row) == ["source"]

    carry_out(actor=actor, row=row)
    work(row)

    assert (row.state, row.report["created"]) == (ImportState.DONE, 3)
    assert files_of(row) == []
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions[-3:] == ["import.started", "import.carried_out", "import.done"]


def test_dry_run__with_errors_is_carried_out_only_without_the_wrong_entries(
    birds: Folder, actor: Actor, label: MetadataKey
) -> None:
    document = images(2)
    document["images"].append(image("x.png", clientMetadata={"label": "hen"}))
    row = run_import(actor, birds, document, dry_run=True)
    assert (row.state, row.error_count) == (ImportState.CHECKED, 1)

    with pytest.raises(Conflict) as caught:
        carry_out(actor=actor, row=row)
    assert caught.value.code == "import_has_errors"

    carry_out(actor=actor, row=row, ignore_errors=True)
    work(row)
    assert (row.report["created"], row.report["failed"]) == (2, 1)


def test_carry_out_and_cancel__need_an_editor(
    birds: Folder, viewer: User, actor: Actor, actor_for: ActorFor
) -> None:
    row = run_import(actor, birds, images(1), dry_run=True)

    for act in (carry_out, cancel_import):
        with pytest.raises(NotAllowed):
            act(actor=actor_for(viewer), row=row)


def test_import__of_somebody_who_lost_his_role_fails(birds: Folder, actor: Actor) -> None:
    row = start_import(
        actor=actor,
        folder=birds,
        kind="registration",
        file=io.BytesIO(json.dumps(images(1)).encode()),
        file_name="a.json",
    )
    birds.grants.all().delete()

    work(row)

    assert row.state == ImportState.FAILED
    assert "role" in row.failure
    assert not Item.objects.exists()


def test_import__an_ended_one_cannot_be_started_or_cancelled(birds: Folder, actor: Actor) -> None:
    row = run_import(actor, birds, images(1))

    for act in (carry_out, cancel_import):
        with pytest.raises(Conflict):
            act(actor=actor, row=row)


def test_errors__all_are_kept_and_can_be_downloaded(
    birds: Folder, actor: Actor, label: MetadataKey
) -> None:
    row = run_import(actor, birds, images(600, clientMetadata={"label": "=hen"}))

    assert (row.error_count, len(row.errors)) == (600, 500)
    stored = list(stored_errors(row.errors_key))
    assert [error["path"] for error in stored] == [
        f"images.{n}.clientMetadata.label" for n in range(600)
    ]
    lines = b"".join(as_json_lines(stored)).decode().splitlines()
    assert json.loads(lines[599])["entry"] == 599
    table = b"".join(as_csv(stored)).decode("utf-8-sig").splitlines()
    assert len(table) == 601
    assert table[0] == "path,message,code,expected,found,object_urls"


def test_end_forgotten_imports__cancels_dry_runs_that_nobody_carries_out(
    birds: Folder,
    actor: Actor,
    settings: LazySettings,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    old, young = (run_import(actor, birds, images(1), dry_run=True) for _ in range(2))
    Import.objects.filter(pk=old.pk).update(
        updated_at=timezone.now() - settings.UPLOAD_EXPIRY - timedelta(minutes=1)
    )

    with django_capture_on_commit_callbacks(execute=True):
        assert end_forgotten_imports() == 1

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.state, young.state) == (ImportState.CANCELLED, ImportState.CHECKED)
    assert (files_of(old), files_of(young)) == ([], ["source"])


def test_delete_folder__takes_the_files_of_its_imports_along(
    birds: Folder,
    folder_admin: User,
    actor: Actor,
    actor_for: ActorFor,
    label: MetadataKey,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    row = run_import(actor, birds, images(1, clientMetadata={"label": "hen"}), dry_run=True)
    assert files_of(row) == ["errors.jsonl", "source"]

    with django_capture_on_commit_callbacks(execute=True):
        delete_folder(actor=actor_for(folder_admin), folder=birds)

    assert files_of(row) == []


def test_as_csv__a_cell_is_never_a_formula() -> None:
    table = b"".join(as_csv([{"path": "a", "message": "b", "found": "=1+1"}])).decode("utf-8-sig")

    assert table.splitlines()[1] == "a,b,,,'=1+1,"


def test_write__all_or_nothing_removes_earlier_batches(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    written: list[Any] = []

    def write(**given: Any) -> Any:
        if len(written) == 2:
            raise InvalidInput("The third batch is refused.")
        written.append(given["entries"])
        return original(**given)

    original = write_entries
    monkeypatch.setattr(writing, "write_entries", write)
    others = Item.objects.create(folder=birds, organisation=birds.organisation, name="before")

    row = run_import(actor, birds, images(7))

    assert [len(entries) for entries in written] == [2, 2]
    assert (row.state, row.failure) == (ImportState.FAILED, "The third batch is refused.")
    assert list(Item.objects.all()) == [others]
    assert not Unit.objects.exists()


def test_write__a_run_that_is_interrupted_goes_on_from_its_checkpoint(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    calls = []

    def write(**given: Any) -> Any:
        calls.append([entry.item.name for entry in given["entries"]])
        if len(calls) == 3:
            raise OperationalError("the database is away")
        return original(**given)

    original = write_entries
    monkeypatch.setattr(writing, "write_entries", write)

    row = run_import(actor, birds, images(7))
    assert row.state == ImportState.WRITING
    assert row.job is not None
    assert row.job.state == JobState.QUEUED
    assert Item.objects.count() == 4

    work(row)
    assert (row.state, row.report["created"]) == (ImportState.DONE, 7)
    # The third batch was written twice, once in vain; none before it again.
    assert calls[2:] == [["/4.png", "/5.png"], ["/4.png", "/5.png"], ["/6.png"]]
    assert Item.objects.count() == 7


def test_cancel__removes_what_was_written(
    birds: Folder,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
    small_batches: None,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    def write(**given: Any) -> Any:
        report = original(**given)
        if Item.objects.count() >= 4:
            request_cancel(job=Job.objects.get(kind="folders.import"))
        return report

    original = write_entries
    monkeypatch.setattr(writing, "write_entries", write)
    monkeypatch.setattr("core.jobs.run.SAVE_INTERVAL_SECONDS", 0)

    with django_capture_on_commit_callbacks(execute=True):
        row = run_import(actor, birds, images(9))

    assert row.state == ImportState.CANCELLED
    assert row.job is not None
    assert row.job.state == JobState.CANCELLED
    assert not Item.objects.exists()
    assert files_of(row) == []


def test_cancel__before_the_job_began_ends_the_import_at_once(birds: Folder, actor: Actor) -> None:
    file = io.BytesIO(b"{}")
    row = start_import(
        actor=actor, folder=birds, kind="registration", file=file, file_name="a.json"
    )

    row = cancel_import(actor=actor, row=row)

    assert row.state == ImportState.CANCELLED
    assert row.job is not None
    assert row.job.state == JobState.CANCELLED


@pytest.mark.parametrize("has_ids", [False, True])
def test_cancel__of_a_stalled_import_removes_what_was_written(
    birds: Folder, actor: Actor, small_batches: None, *, has_ids: bool
) -> None:
    document = images(5)
    if has_ids:
        for entry in document["images"]:
            entry["placeholderItemUuid"] = str(uuid4())
    row = stalled(actor, birds, document, after=4)
    assert Item.objects.count() == 4

    row = cancel_import(actor=actor, row=row)
    assert row.state == ImportState.WRITING
    work(row)

    assert row.state == ImportState.CANCELLED
    assert not Item.objects.exists()


@pytest.mark.parametrize("has_ids", [False, True])
def test_cancel__removes_what_was_moved_elsewhere_meanwhile(
    birds: Folder, night: Folder, actor: Actor, small_batches: None, *, has_ids: bool
) -> None:
    document = images(5)
    if has_ids:
        for entry in document["images"]:
            entry["placeholderItemUuid"] = str(uuid4())
    mine = ItemFactory.create(folder=night)
    row = stalled(actor, birds, document, after=4)
    moved = Item.objects.filter(folder=birds).order_by("name")[:3]
    move_items(actor=actor, item_ids=moved.values_list("pk", flat=True), folder=night)
    assert Item.objects.filter(folder=night).count() == 4

    row = cancel_import(actor=actor, row=row)
    work(row)

    assert row.state == ImportState.CANCELLED
    assert list(Item.objects.values_list("pk", flat=True)) == [mine.pk]


def test_cancel__leaves_items_of_another_import_of_the_same_file(
    birds: Folder, actor: Actor, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = images(5)
    for entry in document["images"]:
        entry["placeholderItemUuid"] = str(uuid4())
    # Both are checked before either is carried out, so that the ids are new to both.
    later = run_import(actor, birds, document, dry_run=True, skip_duplicate_urls=True)
    other = run_import(actor, birds, document, dry_run=True, skip_duplicate_urls=True)
    carry_out(actor=actor, row=other)
    work(other)
    assert (other.state, Item.objects.count()) == (ImportState.DONE, 5)

    def fail(_: object) -> None:
        raise InvalidInput("It ends badly.")

    monkeypatch.setattr(writing._Write, "_change", fail)
    carry_out(actor=actor, row=later)
    work(later)

    assert (later.state, later.checkpoint["others"]) == (ImportState.FAILED, [[0, 5]])
    assert Item.objects.count() == 5


def test_carry_out__resumes_a_stalled_import(
    birds: Folder, actor: Actor, small_batches: None
) -> None:
    row = stalled(actor, birds, images(5), after=4)

    carry_out(actor=actor, row=row)
    work(row)

    assert (row.state, row.report["created"]) == (ImportState.DONE, 5)
    assert Item.objects.count() == 5


def stalled(actor: Actor, folder: Folder, document: Any, *, after: int) -> Import:
    """An import whose worker was killed for good after so many entries."""
    with pytest.MonkeyPatch.context() as patch:

        def write(**given: Any) -> Any:
            if Item.objects.count() >= after:
                raise OperationalError("the database is away")
            return original(**given)

        original = write_entries
        patch.setattr(writing, "write_entries", write)
        row = run_import(actor, folder, document)
    assert row.job_id is not None
    Job.objects.filter(pk=row.job_id).update(state=JobState.FAILED)
    row = Import.objects.select_related("job", "folder").get(pk=row.pk)
    assert row.is_stalled
    return row


def test_write__a_run_that_was_given_up_writes_nothing_more(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    def keys(actor: Actor) -> Any:
        # Between two batches another worker has written the next ones.
        if Item.objects.count() == 2:
            Import.objects.update(checkpoint={"entries": 6})
        return original(actor)

    original = live_keys
    monkeypatch.setattr(writing, "live_keys", keys)

    row = run_import(actor, birds, images(7))

    assert (row.state, row.checkpoint) == (ImportState.WRITING, {"entries": 6})
    assert Item.objects.count() == 2


def test_write__what_has_become_wrong_since_the_check_is_told(
    birds: Folder, admin: User, actor: Actor, actor_for: ActorFor, label: MetadataKey
) -> None:
    document = images(2)
    document["images"].append(image("x.png", clientMetadata={"clip": "text"}))
    strict = run_import(actor, birds, document, dry_run=True)
    lenient = run_import(actor, birds, document, dry_run=True)
    add_key(actor=actor_for(admin), name="clip", type=KeyType.EMBEDDING, dimensions=2)

    carry_out(actor=actor, row=strict)
    work(strict)
    assert strict.state == ImportState.FAILED
    assert strict.failure.startswith("images.2.clientMetadata.clip: ")
    assert not Item.objects.exists()

    carry_out(actor=actor, row=lenient, ignore_errors=True)
    work(lenient)
    assert (lenient.state, lenient.report["created"]) == (ImportState.DONE, 2)
    assert (lenient.report["failed"], lenient.error_count) == (1, 1)
    assert paths(lenient) == ["images.2.clientMetadata.clip"]
    assert [error["entry"] for error in stored_errors(lenient.errors_key)] == [2]


def test_write__late_errors_are_written_once_and_become_one_file(
    birds: Folder,
    admin: User,
    actor: Actor,
    actor_for: ActorFor,
    small_batches: None,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    document = images(9, clientMetadata={"clip": "text"})
    document["images"][0]["objectUrl"] = 7
    row = run_import(actor, birds, document, dry_run=True)
    assert len(files_of(row)) == 2
    add_key(actor=actor_for(admin), name="clip", type=KeyType.EMBEDDING, dimensions=2)
    written: list[int] = []
    save = ErrorLog.save

    def counted(log: ErrorLog, key: str) -> str:
        written.append(log.count)
        return save(log, key)

    def fail(_: object) -> None:
        row.refresh_from_db()
        # The check's one, and those of five batches, each by itself.
        assert (len(row.error_files), row.error_count) == (6, 9)
        raise OperationalError("the database is away")

    monkeypatch.setattr(ErrorLog, "save", counted)
    with monkeypatch.context() as patched:
        patched.setattr(writing._Write, "_change", fail)
        carry_out(actor=actor, row=row, ignore_errors=True)
        work(row)
    assert row.state == ImportState.WRITING
    assert len(list(stored_errors(*row.error_files))) == 9

    with django_capture_on_commit_callbacks(execute=True):
        work(row)

    assert (row.state, row.late_errors_keys) == (ImportState.DONE, [])
    assert written == [1, 2, 2, 2, 1]
    assert [error["entry"] for error in stored_errors(row.errors_key)] == list(range(9))
    assert len(files_of(row)) == 1


def test_metadata__is_laid_over_items_named_by_id_name_or_address(
    birds: Folder, actor: Actor, label: MetadataKey
) -> None:
    run_import(actor, birds, images(3, clientMetadata={"note": "x"}))
    first = Item.objects.get(name="/0.png")
    document = {
        "items": [
            {"id": str(first.pk), "metadata": {"label": "owl"}},
            {"name": "/1.png", "metadata": {"label": "tit"}},
            {"objectUrl": "https://pictures.example.org/2.png", "metadata": {"note": "y"}},
        ]
    }

    row = run_import(actor, birds, document, kind="metadata")

    assert (row.state, row.errors, row.report["updated"]) == (ImportState.DONE, [], 3)
    assert list(Item.objects.order_by("name").values_list("client_metadata", flat=True)) == [
        {"note": "x", "label": "owl"},
        {"note": "x", "label": "tit"},
        {"note": "y"},
    ]


def test_metadata__names_all_errors_of_a_row_and_writes_nothing(
    birds: Folder, actor: Actor, label: MetadataKey, small_batches: None
) -> None:
    run_import(actor, birds, images(3))
    rows = [
        {"name": "/0.png", "metadata": {"label": "owl"}},
        {"name": "nobody.png", "metadata": {"label": "hen"}},
        {"name": "/0.png", "metadata": {}},
        {"name": "/1.png", "metadata": {"label": "hen"}},
    ]

    row = run_import(actor, birds, {"items": rows}, kind="metadata")

    assert row.state == ImportState.FAILED
    assert paths(row) == [
        "items.1.name",
        "items.1.metadata.label",
        "items.2.id",
        "items.3.metadata.label",
    ]
    assert not Item.objects.exclude(client_metadata={}).exists()

    row = run_import(actor, birds, {"items": rows}, kind="metadata", ignore_errors=True)
    assert (row.report["updated"], row.report["failed"]) == (1, 3)
    assert Item.objects.get(name="/0.png").client_metadata == {"label": "owl"}


def test_metadata__late_errors_leave_rows_out_or_everything(
    birds: Folder, admin: User, actor: Actor, actor_for: ActorFor, label: MetadataKey
) -> None:
    run_import(actor, birds, images(2))
    rows = {"items": [{"name": f"/{n}.png", "metadata": {"label": "owl"}} for n in range(2)]}
    strict = run_import(actor, birds, rows, kind="metadata", dry_run=True)
    lenient = run_import(actor, birds, rows, kind="metadata", dry_run=True)
    delete_items(actor=actor_for(admin), item_ids=[Item.objects.get(name="/1.png").pk])

    carry_out(actor=actor, row=strict)
    work(strict)
    assert strict.state == ImportState.FAILED
    assert not Item.objects.exclude(client_metadata={}).exists()

    carry_out(actor=actor, row=lenient, ignore_errors=True)
    work(lenient)
    assert (lenient.report["updated"], lenient.report["failed"]) == (1, 1)
    assert paths(lenient) == ["items.1.name"]


def test_import__of_an_uploaded_file_takes_it_over(birds: Folder, actor: Actor) -> None:
    content = json.dumps(images(2)).encode()
    upload = begin_upload(
        actor=actor, folder=birds, name="a.json", size=len(content), purpose=UploadPurpose.IMPORT
    )
    receive_part(upload=upload, offset=0, content=io.BytesIO(content), length=len(content))

    row = start_import(actor=actor, folder=birds, kind="registration", file=upload.pk)
    work(row)

    assert (row.file_name, row.state) == ("a.json", ImportState.DONE)
    assert row.size == len(content)
    assert Item.objects.count() == 2


def test_import__of_a_file_uploaded_in_parts_leaves_nothing_of_them(
    birds: Folder, actor: Actor, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    content = json.dumps(images(1)).encode()
    size = len(content)
    with django_capture_on_commit_callbacks(execute=True):
        upload = begin_upload(
            actor=actor, folder=birds, name="a.json", size=size, purpose=UploadPurpose.IMPORT
        )
        for start, end in ((0, 10), (10, size)):
            file = io.BytesIO(content[start:end])
            upload = receive_part(upload=upload, offset=start, content=file, length=end - start)
        row = start_import(actor=actor, folder=birds, kind="registration", file=upload.pk)
        work(row)

    assert (row.state, row.report["created"]) == (ImportState.DONE, 1)
    assert default_storage.listdir(f"uploads/{upload.pk.hex[:2]}/{upload.pk.hex}") == ([], [])


def test_metadata__a_name_that_no_item_can_have_is_an_error(birds: Folder, actor: Actor) -> None:
    rows: list[Any] = [{"name": name, "metadata": {}} for name in ("\ud800", "\0")]

    row = run_import(actor, birds, {"items": rows}, kind="metadata")

    assert row.state == ImportState.FAILED
    assert paths(row) == ["items.0", "items.1"]


def test_start_import__a_wrong_kind_or_name_is_refused(birds: Folder, actor: Actor) -> None:
    for given, path in (({"kind": "tea"}, "kind"), ({"file_name": "a\x00b"}, "file_name")):
        with pytest.raises(InvalidInput) as caught:
            run_import(actor, birds, {}, **given)  # type: ignore[arg-type]
        assert [error.path for error in caught.value.errors] == [path]
    assert not Import.objects.exists()


def test_import__of_a_deleted_key_is_checked_anew(
    birds: Folder, admin: User, actor: Actor, actor_for: ActorFor, label: MetadataKey
) -> None:
    row = run_import(actor, birds, images(1, clientMetadata={"label": "owl"}), dry_run=True)
    delete_key(actor=actor_for(admin), key=label)

    carry_out(actor=actor, row=row)
    work(row)

    # Without the key it is plain metadata.
    assert row.state == ImportState.DONE
    assert Item.objects.get().client_metadata == {"label": "owl"}
