"""Registrations as the SDK starts them and asks after them.

The platform's import is done when its rows are written; to the SDK the job is done when the items
can be used, so it is pending until a worker has read their media. What cannot be read is an error
of its unit; the item stays in its folder with the reason, where it can be tried again.
"""

from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from core.errors import FieldError, InvalidInput
from folders.choices import ImportState
from folders.constants import MAX_NAME_LENGTH
from folders.imports.items import imported_items
from folders.imports.json_copy import Taken
from folders.imports.outcome import (
    addresses_of,
    has_settled,
    refused_entries,
    waiting_items,
    what_is_unread,
)
from folders.imports.registration.raw import FLAGS, LISTS
from folders.models import Import

# More would not be read, and the answer must stay small.
MAX_UNIT_ERRORS = 10_000
_FILE_NAME = "registration.json"
_UPSERT, _SKIP = "upsert_metadata", "skip_duplicate_urls"


FORMS = ("dataItems", "externalFiles")


def switches_of(given: Taken, *, ignore_errors: bool) -> dict[str, bool]:
    """The options of the import that what the SDK sent asks for.

    Args:
        given: a user's own JSON, or the SDK's objects; the importer knows both.
        ignore_errors: then the importer leaves out what is not supported, and tells of it.

    Raises:
        InvalidInput: it does not come in one of the two forms, or lists things that are not
            supported.
    """
    if len(given.names) != 1 or given.names[0] in given.rest:
        message = "One object says what is to be registered: dataItems or externalFiles."
        raise InvalidInput(message, errors=[FieldError("dataItems", message, "required")])
    named = [name for name, count in given.lists.items() if count]
    named += [name for name, value in given.values.items() if value not in ({}, None)]
    unknown = [
        FieldError(name[:80], "This cannot be registered here.", "unsupported", ", ".join(LISTS))
        for name in named
        if name not in LISTS and name not in FLAGS
    ]
    if unknown and not ignore_errors:
        message = (
            "Only images, videos, image groups and image sequences are supported, not "
            f"{', '.join(error.path for error in unknown)}."
        )
        raise InvalidInput(message, code="unsupported", errors=unknown)
    flags = {FLAGS[name]: value for name, value in given.values.items() if name in FLAGS}
    # The SDK's rule: without the first the second has no effect.
    return {_UPSERT: False} if flags.get(_UPSERT) and not flags.get(_SKIP) else {}


def file_name_of(given: str) -> str:
    """The name under which people see the import; its ending says that it is JSON."""
    name = "".join(letter for letter in given if letter.isprintable()).strip()
    if not name:
        return _FILE_NAME
    suffix = "" if name.lower().endswith(".json") else ".json"
    return name[: MAX_NAME_LENGTH - len(suffix)] + suffix


def job_dto(row: Import) -> dict[str, Any]:
    """How far a registration is."""
    if not has_settled(row):
        return _pending(row)
    if row.state == ImportState.DONE:
        return _done(row)
    units = _units(row)
    if row.state == ImportState.CANCELLED:
        return _dto(row, "CANCELLED", cancelled=units)
    refused = list(islice(refused_entries(row), MAX_UNIT_ERRORS))
    wrong = int(row.report.get("failed", 0))
    reason = row.failure or "The import has stopped; it can be resumed on its page."
    return _dto(
        row,
        "ERROR",
        errors=[reason, *(one["message"] for one in refused[:10])],
        unit_errors=refused,
        error=wrong,
        cancelled=max(units - wrong, 0),
    )


def units_of(row: Import) -> int:
    """How many things the registration names."""
    return _units(row)


def _pending(row: Import) -> dict[str, Any]:
    units = _units(row)
    if row.state == ImportState.DONE:
        waiting = min(waiting_items(row).filter(parent=None).count(), units)
        return _dto(row, "PENDING", pending=waiting, done=units - waiting)
    # Before they are counted there is one at least: of none the SDK says that all are done.
    return _dto(row, "PENDING", pending=max(units, 1))


def _done(row: Import) -> dict[str, Any]:
    """Its items, and what went wrong with some of them."""
    items: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    failures = 0
    for item in imported_items(row):
        items.append({"itemUuid": item.pk, "name": item.name})
        if reason := what_is_unread(item):
            failures += 1
            if failures <= MAX_UNIT_ERRORS:
                unread.append({"object_urls": addresses_of(item.pk), "message": reason})
    refused = list(islice(refused_entries(row), MAX_UNIT_ERRORS - len(unread)))
    wrong = int(row.report.get("failed", 0)) + failures
    failed = bool(wrong) and not row.options.get("ignore_errors")
    return _dto(
        row,
        "ERROR" if failed else "DONE",
        items=items,
        errors=[one["message"] for one in unread[:10]] if failed else [],
        unit_errors=[*refused, *unread],
        error=wrong,
        done=max(_units(row) - wrong, 0),
    )


def _units(row: Import) -> int:
    return int(row.report.get("details", {}).get("entries", 0))


def _dto(
    row: Import,
    status: str,
    *,
    items: list[dict[str, Any]] | None = None,
    errors: list[str] | None = None,
    unit_errors: list[dict[str, Any]] | None = None,
    pending: int = 0,
    done: int = 0,
    error: int = 0,
    cancelled: int = 0,
) -> dict[str, Any]:
    return {
        "status": status,
        "itemsWithNames": items or [],
        "errors": errors or [],
        "unitsPendingCount": pending,
        "unitsDoneCount": done,
        "unitsErrorCount": error,
        "unitsCancelledCount": cancelled,
        "unitErrors": [_unit_error(row, one, place) for place, one in enumerate(unit_errors or [])],
        "fileName": row.file_name,
    }


def _unit_error(row: Import, told: dict[str, Any], place: int) -> dict[str, Any]:
    # The SDK wants an id for each; nothing can be asked by it.
    subtask: UUID = uuid5(row.pk, f"error {place}")
    return {
        "objectUrls": told["object_urls"],
        "error": told["message"],
        "subtaskUuid": subtask,
        "actionDescription": "Register",
    }
