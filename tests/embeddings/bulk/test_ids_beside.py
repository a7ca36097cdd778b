"""A bare matrix, and the ids of its rows in a second file: by service, page and REST."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from folders.choices import ImportState, UploadPurpose
from folders.models import Folder, Import, MetadataKey, Upload
from folders.services.data_imports import SentFile, carry_out, start_import
from folders.services.uploads import begin_upload, receive_part
from tests.embeddings.bulk.files import npy
from tests.embeddings.worlds import make_key, make_units, stored
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]

NAMES = [f"image-{number:05}.png" for number in (2, 0, 1)]
MATRIX = npy(np.arange(6, dtype=np.float32).reshape(3, 2))
EXPECTED = [[2.0, 3.0], [4.0, 5.0], [0.0, 1.0]]
FORMS = {
    "ids.txt": "\n".join(NAMES).encode(),
    "ids.json": json.dumps(NAMES).encode(),
    "ids.csv": b"place,file_name\n" + b"".join(f"0,{name}\n".encode() for name in NAMES),
    "ids.npy": npy(np.array(NAMES)),
}


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    return actor_for(editor)


def started(actor: Actor, folder: Folder, key: MetadataKey, ids: bytes, name: str) -> Import:
    """A dry run of both files, to the end."""
    row = start_import(
        actor=actor,
        folder=folder,
        kind="vectors",
        file=io.BytesIO(MATRIX),
        file_name="matrix.npy",
        side=SentFile(io.BytesIO(ids), name),
        options={"key": key.name},
        dry_run=True,
    )
    run_jobs()
    row.refresh_from_db()
    return row


def uploaded(actor: Actor, folder: Folder, name: str, content: bytes) -> str:
    """The id of a file that was sent by the tus protocol."""
    upload = begin_upload(
        actor=actor, folder=folder, name=name, size=len(content), purpose=UploadPurpose.IMPORT
    )
    file = io.BytesIO(content)
    return str(receive_part(upload=upload, offset=0, content=file, length=len(content)).pk)


@pytest.mark.parametrize("name", FORMS)
def test_ids__in_each_form(
    name: str,
    birds: Folder,
    key: MetadataKey,
    actor: Actor,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    units = make_units(birds, 3)

    row = started(actor, birds, key, FORMS[name], name)
    assert (row.state, row.error_count) == (ImportState.CHECKED, 0)
    assert (row.report["details"]["id_column"], row.report["details"]["matched"]) == (name, 3)
    side = row.side_key
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(actor=actor, row=row)
        run_jobs()

    row.refresh_from_db()
    assert row.state == ImportState.DONE
    assert [stored(key)[unit].tolist() for unit in units] == EXPECTED
    assert (default_storage.exists(side), row.side_key, row.side_name) == (False, "", name)


@pytest.mark.parametrize(
    ("ids", "name", "said"),
    [
        (b"image-00000.png\n", "ids.txt", "ids.txt has 1 ids for 3 rows"),
        (b"{}", "ids.json", "ids.json is no list"),
        (b"\xff\xfe", "ids.txt", "ids.txt is no text"),
    ],
)
def test_ids__that_do_not_fit_are_refused(
    ids: bytes, name: str, said: str, birds: Folder, key: MetadataKey, actor: Actor
) -> None:
    row = started(actor, birds, key, ids, name)

    assert row.state == ImportState.FAILED
    assert said in row.failure


def test_ids__are_for_vectors_only(birds: Folder, actor: Actor) -> None:
    with pytest.raises(InvalidInput) as refusal:
        start_import(
            actor=actor,
            folder=birds,
            kind="metadata",
            file=io.BytesIO(b"{}"),
            file_name="a.json",
            side=SentFile(io.BytesIO(b""), "ids.txt"),
        )

    assert [error.path for error in refusal.value.errors] == ["ids_file"]
    assert default_storage.listdir("imports")[0] == [] or not Import.objects.exists()


@pytest.mark.parametrize("by_upload", [False, True])
@pytest.mark.parametrize("way", ["page", "rest"])
def test_both_files__by_page_and_rest(
    birds: Folder,
    key: MetadataKey,
    viewer: User,
    editor: User,
    actor: Actor,
    way: str,
    *,
    by_upload: bool,
) -> None:
    units = make_units(birds, 3)
    sent: dict[str, Any] = {"kind": "vectors"}
    if by_upload:
        sent["upload"] = uploaded(actor, birds, "matrix.npy", MATRIX)
        sent["ids_upload"] = uploaded(actor, birds, "ids.txt", FORMS["ids.txt"])
    else:
        sent["file"] = SimpleUploadedFile("matrix.npy", MATRIX)
        sent["ids_file"] = SimpleUploadedFile("ids.txt", FORMS["ids.txt"])
    if way == "page":
        address, code = reverse("folder-import-new", args=[birds.pk]), 303
        sent["key"] = key.name
    else:
        address, code = reverse("api-imports", args=[birds.pk]), 202
        sent["options"] = json.dumps({"key": key.name})
        sent["dry_run"] = "true"
    client = Client()
    client.force_login(viewer)
    assert client.post(address, {**sent, "file": "", "ids_file": ""}).status_code == 403
    client.force_login(editor)

    assert client.post(address, sent).status_code == code
    run_jobs()

    row = Import.objects.get()
    assert (row.state, row.file_name, row.side_name) == ("checked", "matrix.npy", "ids.txt")
    assert not Upload.objects.exists()
    carry_out(actor=actor, row=row)
    run_jobs()
    assert [stored(key)[unit].tolist() for unit in units] == EXPECTED


def test_form__that_comes_back_keeps_both_files(birds: Folder, editor: User, actor: Actor) -> None:
    sent = {
        "kind": "vectors",
        "key": "nothing",
        "upload": uploaded(actor, birds, "matrix.npy", MATRIX),
        "ids_upload": uploaded(actor, birds, "ids.txt", FORMS["ids.txt"]),
    }
    client = Client()
    client.force_login(editor)

    back = client.post(reverse("folder-import-new", args=[birds.pk]), sent)

    assert back.status_code == 422
    page = back.content.decode()
    assert f'name="upload" value="{sent["upload"]}"' in page
    assert f'name="ids_upload" value="{sent["ids_upload"]}"' in page
    assert Upload.objects.count() == 2
