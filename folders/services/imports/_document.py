"""Metadata and vectors for existing items from one JSON document.

{"items": [{"name": "bird-1.png", "metadata": {"my-embedding": [0.1, 0.2]}},
           {"id": "…", "metadata": {"label": "owl"}}]}
"""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from folders.choices import FolderRole
from folders.metadata.values import describe
from folders.models import Folder, Item
from folders.permissions import require_role
from folders.services.imports._report import ImportReport
from folders.services.imports._update import MetadataChange, update_metadata

_SHAPE = '{"items": [{"name": …, "metadata": {…}}, …]}'


def parse_document(content: bytes) -> Any:
    """The JSON document in a file.

    Raises:
        InvalidInput: it is none; the message says where it breaks.
    """
    try:
        return json.loads(content)
    except UnicodeDecodeError as error:
        raise InvalidInput("The file is no text in UTF-8.", code="not_json") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"The file is no JSON: {error.msg}, line {error.lineno}, column {error.colno}.",
            code="not_json",
        ) from error
    except ValueError as error:
        raise InvalidInput(
            "The file holds a number of too many digits.", code="not_json"
        ) from error
    except RecursionError as error:
        raise InvalidInput("The JSON is nested too deep.", code="not_json") from error


def import_document(*, actor: Actor, folder: Folder, document: Any) -> ImportReport:
    """Lay metadata over that of items in the folder or below it, each named by id or by name.

    A name must be that of exactly one item there.

    Raises:
        InvalidInput: naming all that is wrong, rows as `items.<place>`.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    rows = document.get("items") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not rows:
        missing = FieldError("items", "A list of items is missing.", "required", _SHAPE)
        raise InvalidInput("The document lists no items.", errors=[missing])
    errors: list[FieldError] = []
    references = [_reference(row, f"items.{place}", errors) for place, row in enumerate(rows)]
    resolved = _resolve(folder, references, errors)
    # Rows that are found are checked too, so that one attempt shows all that is wrong.
    changes = [
        MetadataChange(item_id, rows[place].get("metadata"), f"items.{place}")
        for place, item_id in resolved.items()
    ]
    return update_metadata(actor=actor, changes=changes, merge=True, errors=errors)


def _reference(row: Any, path: str, errors: list[FieldError]) -> UUID | str | None:
    """What the row names its item by; None after an error."""
    if not isinstance(row, dict):
        errors.append(FieldError(path, "A row is an object.", "type", _SHAPE, describe(row)))
        return None
    errors.extend(
        FieldError(f"{path}.{name}", "A row has no such part.", "unknown")
        for name in sorted(row.keys() - {"id", "name", "metadata"})
    )
    if "metadata" not in row:
        errors.append(FieldError(f"{path}.metadata", "The metadata is missing.", "required"))
        return None
    given = row.get("id")
    if given is not None:
        try:
            return UUID(given)
        except (ValueError, AttributeError, TypeError):
            found = describe(given)
            errors.append(FieldError(f"{path}.id", "This is no id.", "type", "a UUID", found))
            return None
    name = row.get("name")
    if isinstance(name, str) and name:
        return name
    errors.append(FieldError(path, "The row names no item.", "required", "id or name"))
    return None


def _resolve(
    folder: Folder, references: list[UUID | str | None], errors: list[FieldError]
) -> dict[int, UUID]:
    """Ids of the items by the places of the rows."""
    here = Item.objects.filter(folder__in=Folder.objects.below(folder))
    names = {reference for reference in references if isinstance(reference, str)}
    ids = {reference for reference in references if isinstance(reference, UUID)}
    by_name: dict[str, list[UUID]] = defaultdict(list)
    for item_id, name in here.filter(name__in=names).values_list("pk", "name"):
        by_name[name].append(item_id)
    known = set(here.filter(pk__in=ids).values_list("pk", flat=True))
    resolved = {}
    for place, reference in enumerate(references):
        if reference is None:
            continue
        found = by_name[reference] if isinstance(reference, str) else [reference]
        if isinstance(reference, UUID) and reference not in known:
            found = []
        if len(found) == 1:
            resolved[place] = found[0]
        else:
            errors.append(_unresolved(place, reference, len(found)))
    return resolved


def _unresolved(place: int, reference: UUID | str, count: int) -> FieldError:
    path = f"items.{place}.{'name' if isinstance(reference, str) else 'id'}"
    if count:
        message = f"{count} items have this name; use the id."
        return FieldError(path, message, "ambiguous", found=str(reference)[:80])
    message = "The folder has no such item."
    return FieldError(path, message, "not_found", found=str(reference)[:80])
