"""`manage.py import_dataset`: directories become folders, rows vectors; twice adds nothing."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from core.models import AuditEvent
from embeddings.models import Vector, VectorSet
from folders.choices import ItemKind, ItemState
from folders.models import Folder, Item, MetadataKey, Unit
from folders.services.pictures import unit_picture
from tests.embeddings.bulk.files import parquet
from tests.folders.media_files import png, video
from tests.jobs import wait_for

Import = Callable[..., str]
pytestmark = pytest.mark.usefixtures("admin")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures in two folders."""
    root = tmp_path / "zoo"
    (root / "owls").mkdir(parents=True)
    (root / "a.png").write_bytes(png(40, 30))
    (root / "owls" / "b.png").write_bytes(png(20, 20))
    (root / "owls" / "c.png").write_bytes(png(30, 10))
    return root


@pytest.fixture
def run_import(pictures: Path) -> Import:
    """Runs the command and returns what it said."""

    def run(*arguments: Any, directory: Path = pictures) -> str:
        out = io.StringIO()
        call_command("import_dataset", str(directory), *map(str, arguments), stdout=out, stderr=out)
        return out.getvalue()

    return run


def matrix_file(folder: Path, ids: Any = None, rows: int = 3, **more: Any) -> Path:
    """A matrix of the numbers from 1, with ids if they are given."""
    vectors = np.arange(1, rows * 2 + 1, dtype=np.float32).reshape(rows, 2)
    path = folder / ("matrix.npy" if ids is None else "matrix.npz")
    if ids is None:
        np.save(path, vectors)
    else:
        np.savez(path, ids=np.array(ids), vectors=vectors, **more)
    return path


def vectors_by_name() -> dict[str, list[float]]:
    rows = Vector.objects.values_list("unit__item__name", "value")
    return {name: [float(number) for number in value] for name, value in rows}


def test_directory__becomes_folders_items_and_thumbnails(
    run_import: Import, pictures: Path
) -> None:
    (pictures / "readme.txt").write_text("hello")
    (pictures / ".hidden.png").write_bytes(png())
    (pictures / "strange").write_bytes(png(8, 8))

    said = run_import()

    assert "4 pictures and videos" in said
    assert "1 other files are passed over: readme.txt" in said
    root = Folder.objects.get(name="zoo")
    assert [folder.name for folder in Folder.objects.filter(parent=root)] == ["owls"]
    items = {item.name: item for item in Item.objects.filter(folder__root=root)}
    assert set(items) == {"a.png", "b.png", "c.png", "strange"}
    assert {item.state for item in items.values()} == {ItemState.READY}
    one = items["b.png"]
    assert (one.folder.name, one.width, one.height, one.mime_type) == ("owls", 20, 20, "image/png")
    assert one.size == len(png(20, 20))
    with default_storage.open(one.storage_key) as file:
        assert file.read() == png(20, 20)
    assert unit_picture(Unit.objects.get(item=one), "small")[8:12] == b"WEBP"
    assert (pictures / "a.png").exists()
    assert AuditEvent.objects.filter(action="dataset.imported").count() == 1


def test_again__adds_nothing(run_import: Import, pictures: Path, tmp_path: Path) -> None:
    matrix = matrix_file(tmp_path, ["a.png", "owls/b.png", "owls/c.png"])
    options = ("--embeddings", matrix, "--key", "clip")
    run_import(*options)
    before = [
        list(model.objects.order_by("pk").values())
        for model in (Folder, Item, Unit, MetadataKey, VectorSet, AuditEvent)
    ]

    said = run_import(*options)

    assert "0 added, 3 were there already" in said
    assert "0 vectors written" in said
    after = [
        list(model.objects.order_by("pk").values())
        for model in (Folder, Item, Unit, MetadataKey, VectorSet, AuditEvent)
    ]
    assert after == before


def test_more__adds_what_is_new_and_changes_vectors_that_differ(
    run_import: Import, pictures: Path, tmp_path: Path
) -> None:
    run_import("--embeddings", matrix_file(tmp_path, ["a", "b", "c"]), "--key", "clip")
    (pictures / "d.png").write_bytes(png(9, 9))
    np.savez(
        tmp_path / "more.npz",
        ids=np.array(["a", "c", "d"]),
        vectors=np.array([[1, 2], [7, 7], [8, 8]], dtype=np.float32),
    )

    said = run_import("--embeddings", tmp_path / "more.npz", "--key", "clip")

    assert "1 added, 3 were there already" in said
    assert "2 vectors written" in said
    assert vectors_by_name() == {
        "a.png": [1, 2],
        "b.png": [3, 4],
        "c.png": [7, 7],
        "d.png": [8, 8],
    }


@pytest.mark.parametrize(
    ("ids", "rule"),
    [
        (["owls/c.png", "a.png", "owls/b.png"], "by path"),
        (["c.png", "a.png", "b.png"], "by file name"),
        (["owls/c", "a", "owls/b"], "by path without suffix"),
        (["c", "a", "b"], "by file name without suffix"),
    ],
)
def test_ids__are_paths_or_names(
    ids: list[str], rule: str, run_import: Import, tmp_path: Path
) -> None:
    said = run_import("--embeddings", matrix_file(tmp_path, ids), "--key", "clip")

    assert rule in said
    assert vectors_by_name() == {"c.png": [1, 2], "a.png": [3, 4], "b.png": [5, 6]}
    key = MetadataKey.objects.get(name="clip")
    assert (key.dimensions, key.metric) == (2, "cosine")


@pytest.mark.parametrize("suffix", ["txt", "json", "csv", "npy"])
def test_ids__in_a_file_of_their_own(suffix: str, run_import: Import, tmp_path: Path) -> None:
    ids, path = ["c.png", "a.png", "b.png"], tmp_path / f"ids.{suffix}"
    match suffix:
        case "json":
            path.write_text(json.dumps(ids))
        case "csv":
            path.write_text("label,file\n" + "".join(f"x,{one}\n" for one in ids))
        case "npy":
            np.save(path, np.array(ids))
        case _:
            path.write_text("\n".join(ids) + "\n")

    run_import("--embeddings", matrix_file(tmp_path), "--key", "clip", "--ids", path)

    assert vectors_by_name() == {"c.png": [1, 2], "a.png": [3, 4], "b.png": [5, 6]}


def test_order__by_path_only_when_asked_and_of_equal_count(
    run_import: Import, tmp_path: Path
) -> None:
    matrix = matrix_file(tmp_path)
    with pytest.raises(CommandError, match="--order path"):
        run_import("--embeddings", matrix, "--key", "clip")
    two = matrix_file(tmp_path, rows=2)
    with pytest.raises(CommandError, match="2 rows, the directory 3"):
        run_import("--embeddings", two, "--key", "clip", "--order", "path")
    assert not Folder.objects.exists()
    assert not MetadataKey.objects.exists()

    run_import("--embeddings", matrix_file(tmp_path), "--key", "clip", "--order", "path")
    assert vectors_by_name() == {"a.png": [1, 2], "b.png": [3, 4], "c.png": [5, 6]}


def test_refusals__come_before_anything_is_written(
    run_import: Import, pictures: Path, tmp_path: Path
) -> None:
    wrong = {"No file of the directory": "nobody.png", "An earlier row is for this": "b.png"}
    for words, last in wrong.items():
        path = matrix_file(tmp_path, ["a.png", "b.png", last])
        with pytest.raises(CommandError, match=words):
            run_import("--embeddings", path, "--key", "clip")
    empty = tmp_path / "empty"
    empty.mkdir()
    np.savez(
        tmp_path / "nan.npz", ids=np.array(["a", "b"]), vectors=np.array([[1, 2], [np.nan, 0]])
    )
    with pytest.raises(CommandError, match=r"rows.1.vector.0"):
        run_import("--embeddings", tmp_path / "nan.npz", "--key", "clip")
    with pytest.raises(CommandError, match="belong together"):
        run_import("--key", "clip")
    with pytest.raises(CommandError, match="There is no such user"):
        run_import("--user", "nobody@example.org")
    with pytest.raises(CommandError, match="nothing to import"):
        run_import(directory=empty)
    assert not Folder.objects.exists()


def test_same_name_twice__must_be_named_by_path(
    run_import: Import, pictures: Path, tmp_path: Path
) -> None:
    (pictures / "b.png").write_bytes(png(7, 7))
    (pictures / "owls" / "d.png").write_bytes(png(7, 7))

    with pytest.raises(CommandError, match="Several files"):
        run_import(
            "--embeddings", matrix_file(tmp_path, ["b.png", "c.png", "d.png"]), "--key", "clip"
        )
    run_import(
        "--embeddings", matrix_file(tmp_path, ["a.png", "b.png", "owls/b.png"]), "--key", "clip"
    )
    root = Folder.objects.get(parent=None)
    assert [
        [float(number) for number in value]
        for value in Vector.objects.filter(unit__folder=root)
        .order_by("unit__item__name")
        .values_list("value", flat=True)
    ] == [[1, 2], [3, 4]]


def test_parquet__with_column_options(run_import: Import, tmp_path: Path) -> None:
    path = tmp_path / "matrix.parquet"
    path.write_bytes(parquet(other=["x"], picture=["a.png"], clip=[[1.0, 2.0]]))

    run_import("--embeddings", path, "--key", "clip", "--id-column", "picture", "--metric", "l2")

    assert vectors_by_name() == {"a.png": [1, 2]}
    assert MetadataKey.objects.get().metric == "l2"


def test_key__of_another_size_is_refused(run_import: Import, tmp_path: Path) -> None:
    run_import("--embeddings", matrix_file(tmp_path, ["a", "b", "c"]), "--key", "clip")
    np.savez(tmp_path / "three.npz", ids=np.array(["a"]), vectors=np.ones((1, 3)))

    with pytest.raises(CommandError, match="takes vectors of 2 numbers"):
        run_import("--embeddings", tmp_path / "three.npz", "--key", "clip")


def test_sidecars__are_metadata(run_import: Import, pictures: Path) -> None:
    (pictures / "a.png.metadata.json").write_text('{"label": "ape"}')
    (pictures / "owls" / "b.metadata.json").write_text('{"label": "owl", "n": 3}')
    (pictures / "owls" / "c.png.metadata.json").write_text("{")
    (pictures / "unused.metadata.json").write_text("{}")

    with pytest.raises(SystemExit) as caught:
        run_import()

    assert caught.value.code == 2
    found = dict(Item.objects.values_list("name", "client_metadata"))
    assert found == {"a.png": {"label": "ape"}, "b.png": {"label": "owl", "n": 3}}

    (pictures / "owls" / "c.png.metadata.json").write_text('{"label": "crow"}')
    assert "1 added, 2 were there already" in run_import()


def test_broken_files__fail_by_themselves(
    run_import: Import, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "cut.png").write_bytes(png()[:60])
    (pictures / "empty.jpg").write_bytes(b"")
    (pictures / "text.png").write_bytes(b"hello")

    with pytest.raises(SystemExit) as caught:
        run_import()

    assert caught.value.code == 2
    states = dict(Item.objects.values_list("name", "state"))
    assert states["a.png"] == states["b.png"] == states["c.png"] == ItemState.READY
    failures = dict(Item.objects.filter(state=ItemState.FAILED).values_list("name", "failure"))
    assert set(failures) == {"cut.png", "empty.jpg", "text.png"}
    assert failures["empty.jpg"] == "The file is empty."


def test_videos__are_read_without_workers(
    run_import: Import, pictures: Path, tmp_path: Path
) -> None:
    (pictures / "clip.mp4").write_bytes(video(tmp_path, frames=30, fps=10))
    (pictures / "clip.mp4.metadata.json").write_text('{"$encord": {"frames": {"7": {"x": 1}}}}')

    run_import()

    item = Item.objects.get(name="clip.mp4")
    assert (item.kind, item.state, item.frame_count) == (ItemKind.VIDEO, ItemState.READY, 30)
    frames = Unit.objects.filter(item=item, frame__isnull=False).order_by("frame")
    assert 7 in frames.values_list("frame", flat=True)
    assert frames.get(frame=7).metadata == {"x": 1}
    assert frames.count() > 2


def test_move__takes_the_files_away(run_import: Import, pictures: Path) -> None:
    run_import("--move")

    assert not list(pictures.rglob("*.png"))
    for item in Item.objects.all():
        assert default_storage.exists(item.storage_key)
    assert Item.objects.count() == 3


def test_in_place__reads_the_files_where_they_are(
    run_import: Import, pictures: Path, settings: Any
) -> None:
    with pytest.raises(CommandError, match="allows no such directory"):
        run_import("--in-place")
    assert not Folder.objects.exists()
    settings.LOCAL_DIRECTORIES = [str(pictures.parent)]

    run_import("--in-place")

    item = Item.objects.get(name="b.png")
    assert (item.storage_key, item.state) == ("", ItemState.READY)
    assert item.object_url == (pictures / "owls" / "b.png").resolve().as_uri()
    assert item.integration is not None
    assert not default_storage.exists(f"items/{item.pk.hex[:2]}/{item.pk.hex}/original")
    assert unit_picture(Unit.objects.get(item=item), "large")[8:12] == b"WEBP"


def test_user__imports_into_what_he_edits(
    run_import: Import, editor: User, birds: Folder, member: User
) -> None:
    run_import("--user", editor.email, "--folder", "Birds")
    assert Item.objects.filter(folder__root=birds).count() == 3
    with pytest.raises(CommandError, match="There is no such user"):
        run_import("--user", "nix@example.org")
    # A member makes a root folder of his own beside one that he may not edit.
    run_import("--user", member.email, "--folder", "Birds")
    assert Folder.objects.filter(name="Birds", parent=None).count() == 2
    assert Item.objects.filter(folder__root=birds).count() == 3


@pytest.mark.django_db(transaction=True)
def test_killed__goes_on_when_it_is_given_again(
    run_import: Import, tmp_path: Path, settings: Any
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    count = 2600
    for number in range(count):
        (many / f"{number:04}.png").write_bytes(png(8, 8))
    np.save(tmp_path / "m.npy", np.ones((count, 4), dtype=np.float32))
    options = ["--embeddings", tmp_path / "m.npy", "--key", "clip", "--order", "path"]
    database = connection.settings_dict
    code = (
        "import django; django.setup();"
        "from django.conf import settings; from django.db import connections;"
        f"connections['default'].settings_dict.update({ {k: database[k] for k in ('NAME',)} });"
        "from django.core.management import call_command;"
        f"call_command('import_dataset', {str(many)!r}, *{[str(o) for o in options]!r})"
    )
    host = f"{database['HOST']}:{database['PORT']}".replace("/", "%2F")
    user = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": "platform:.",
            "KINDRED_SECRET_KEY": "test-only",
            "KINDRED_DATA": str(tmp_path),
            "DATABASE_URL": f"postgres://{user}@{host}/{database['NAME']}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for(Item.objects.exists, what="the first batch", seconds=120)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    there = Item.objects.count()
    assert 0 < there < count
    assert Unit.objects.count() == there
    assert not Vector.objects.exists()

    said = run_import(*options, directory=many)

    assert f"{count - there:,} added, {there:,} were there already" in said
    assert Item.objects.filter(state=ItemState.READY).count() == count
    assert Vector.objects.count() == count
