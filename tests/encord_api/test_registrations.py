"""What the SDK sends for a registration, and what it is told of one, without a live server."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from encord_api.registrations import FORMS, file_name_of, job_dto, switches_of
from folders.choices import ItemState
from folders.imports.json_copy import Taken, take_object
from folders.models import Folder, Import, Item
from tests.folders.imports.files import image, run_import

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


def taken(body: dict[str, Any]) -> Taken:
    """What is understood of a request."""
    return take_object(io.BytesIO(json.dumps(body).encode()), FORMS, io.BytesIO())


@pytest.mark.parametrize(
    ("given", "switches"),
    [
        ({"images": []}, {}),
        ({"skipDuplicateUrls": True, "upsertMetadata": True}, {}),
        ({"skip_duplicate_urls": True}, {}),
        ({"upsertMetadata": True}, {"upsert_metadata": False}),
        ({"upsert_metadata": True, "skip_duplicate_urls": False}, {"upsert_metadata": False}),
    ],
)
def test_document__upserts_only_what_is_skipped(
    given: dict[str, Any], switches: dict[str, bool]
) -> None:
    assert switches_of(taken({"externalFiles": given}), ignore_errors=False) == switches


def test_document__refuses_what_is_not_supported_unless_errors_are_ignored() -> None:
    given: dict[str, Any] = {
        "images": [],
        "audio": [{}],
        "dicom_series": [{}],
        "nifti": [],
        "text": None,
    }

    with pytest.raises(InvalidInput) as refused:
        switches_of(taken({"dataItems": given}), ignore_errors=False)

    assert [error.path for error in refused.value.errors] == ["audio", "dicom_series"]
    assert switches_of(taken({"dataItems": given}), ignore_errors=True) == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dataItems": None},
        {"dataItems": []},
        {"dataItems": {}, "externalFiles": {}},
        {"dataItems": [], "externalFiles": {}},
    ],
)
def test_registration__comes_in_one_form(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="One object says"):
        switches_of(taken(body), ignore_errors=True)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("", "registration.json"),
        ("\x00\n", "registration.json"),
        ("birds.JSON", "birds.JSON"),
        ("birds.csv", "birds.csv.json"),
        ("x" * 400, "x" * 295 + ".json"),
    ],
)
def test_file_name__says_that_it_is_json(given: str, name: str) -> None:
    assert file_name_of(given) == name


def counts(told: dict[str, Any]) -> tuple[int, ...]:
    """Pending, done, wrong, cancelled."""
    names = ("Pending", "Done", "Error", "Cancelled")
    return tuple(told[f"units{name}Count"] for name in names)


def test_job__is_pending_while_media_are_read(birds: Folder, actor: Actor) -> None:
    listed = {"images": [image("a.png"), {"objectUrl": "https://pictures.example.org/b.png"}]}

    row = Import.objects.select_related("job").get(pk=run_import(actor, birds, listed).pk)

    told = job_dto(row)
    assert (told["status"], counts(told), told["itemsWithNames"]) == ("PENDING", (1, 1, 0, 0), [])
    Item.objects.filter(name="/b.png").update(state=ItemState.READY)
    told = job_dto(row)
    assert (told["status"], counts(told)) == ("DONE", (0, 2, 0, 0))
    assert [one["name"] for one in told["itemsWithNames"]] == ["/a.png", "/b.png"]


@pytest.mark.parametrize(("ignored", "status"), [(False, "ERROR"), (True, "DONE")])
def test_job__tells_of_media_that_cannot_be_read(
    birds: Folder, actor: Actor, *, ignored: bool, status: str
) -> None:
    listed = {"images": [image("a.png"), {"objectUrl": "https://pictures.example.org/b.png"}]}
    row = run_import(actor, birds, listed, ignore_errors=ignored)
    Item.objects.filter(name="/b.png").update(state=ItemState.FAILED, failure="It is torn.")

    told = job_dto(Import.objects.select_related("job").get(pk=row.pk))

    assert (told["status"], counts(told)) == (status, (0, 1, 1, 0))
    assert [one["name"] for one in told["itemsWithNames"]] == ["/a.png", "/b.png"]
    assert [(one["objectUrls"], one["error"]) for one in told["unitErrors"]] == [
        (["https://pictures.example.org/b.png"], "It is torn.")
    ]
    assert told["errors"] == ([] if ignored else ["It is torn."])


def test_job__tells_each_wrong_entry_once(birds: Folder, actor: Actor) -> None:
    wrong = {"objectUrl": 7, "title": 8, "imageMetadata": 9}

    row = run_import(actor, birds, {"images": [wrong, image("a.png"), wrong]}, ignore_errors=True)

    told = job_dto(Import.objects.select_related("job").get(pk=row.pk))
    assert (told["status"], counts(told)) == ("DONE", (0, 1, 2, 0))
    assert len(told["unitErrors"]) == 2
    assert told["unitErrors"][0]["error"].count("images.0.") == 3
    assert len({one["subtaskUuid"] for one in told["unitErrors"]}) == 2
