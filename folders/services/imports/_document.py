"""Metadata and vectors for existing items from one JSON document.

{"items": [{"name": "bird-1.png", "metadata": {"my-embedding": [0.1, 0.2]}},
           {"id": "…", "metadata": {"label": "owl"}},
           {"objectUrl": "s3://…", "metadata": {"label": "tit"}}]}
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.functions import MD5

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from folders.choices import FolderRole
from folders.imports.storable import storable_text
from folders.metadata.values import describe
from folders.models import Folder, Item
from folders.permissions import require_role
from folders.services.imports._report import ImportReport
from folders.services.imports._update import ChangeExaminer, MetadataChange, update_metadata


class Reference(NamedTuple):
    """What names an item: "id", "name" or "objectUrl", and its value."""

    by: str
    value: UUID | str


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
    changes: list[MetadataChange] = []
    examiner = ChangeExaminer(actor)
    for row in resolve_rows(folder, [(f"items.{n}", row) for n, row in enumerate(rows)]):
        errors += row.errors
        if row.change is not None:
            changes.append(row.change)
        elif row.has_metadata:
            # Checked although its item is not known, so that one attempt shows all that is wrong.
            errors += examiner.examine_unplaced(row.metadata, f"{row.path}.metadata")
    return update_metadata(actor=actor, changes=changes, merge=True, errors=errors)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a document: the change it asks for, if its item was found, or why it was not."""

    path: str
    value: Any
    change: MetadataChange | None
    errors: list[FieldError]

    @property
    def has_metadata(self) -> bool:
        """Whether there is metadata to look at."""
        return isinstance(self.value, dict) and "metadata" in self.value

    @property
    def metadata(self) -> Any:
        """The metadata, unchecked."""
        return self.value.get("metadata") if isinstance(self.value, dict) else None


def resolve_rows(folder: Folder, rows: Sequence[tuple[str, Any]]) -> list[Row]:
    """Find the items that rows name by id, name or address, in the folder or below it.

    Args:
        folder: the folder.
        rows: the path and the value of each.
    """
    references, errors = [], []
    for path, value in rows:
        wrong: list[FieldError] = []
        references.append(_reference(value, path, wrong))
        errors.append(wrong)
    found = _find(folder, references)
    resolved = []
    for (path, value), reference, wrong in zip(rows, references, errors, strict=True):
        change = None
        if reference is not None:
            items = found[reference]
            if len(items) == 1:
                change = MetadataChange(items[0], value.get("metadata"), path)
            else:
                wrong.append(_unresolved(path, reference, len(items)))
        resolved.append(Row(path, value, change, wrong))
    return resolved


def _reference(row: Any, path: str, errors: list[FieldError]) -> Reference | None:
    """What the row names its item by; None after an error."""
    if not isinstance(row, dict):
        errors.append(FieldError(path, "A row is an object.", "type", _SHAPE, describe(row)))
        return None
    errors.extend(
        FieldError(f"{path}.{name}", "A row has no such part.", "unknown")
        for name in sorted(row.keys() - {"id", "name", "objectUrl", "metadata"})
    )
    if "metadata" not in row:
        errors.append(FieldError(f"{path}.metadata", "The metadata is missing.", "required"))
        return None
    given = row.get("id")
    if given is not None:
        try:
            return Reference("id", UUID(given))
        except (ValueError, AttributeError, TypeError):
            found = describe(given)
            errors.append(FieldError(f"{path}.id", "This is no id.", "type", "a UUID", found))
            return None
    for part in ("name", "objectUrl"):
        text = row.get(part)
        if isinstance(text, str) and text and text == storable_text(text):
            return Reference(part, text)
    errors.append(FieldError(path, "The row names no item.", "required", "id, name or objectUrl"))
    return None


def _find(folder: Folder, references: Iterable[Reference | None]) -> dict[Reference, list[UUID]]:
    """The items that each reference names; parts of groups by their ids only."""
    here = Item.objects.filter(folder__in=Folder.objects.below(folder))
    wanted: dict[str, set[Any]] = {"id": set(), "name": set(), "objectUrl": set()}
    for reference in references:
        if reference is not None:
            wanted[reference.by].add(reference.value)
    found: dict[Reference, list[UUID]] = defaultdict(list)
    for item_id in here.filter(pk__in=wanted["id"]).values_list("pk", flat=True):
        found[Reference("id", item_id)].append(item_id)
    whole = here.filter(parent=None)
    for item_id, name in whole.filter(name__in=wanted["name"]).values_list("pk", "name"):
        found[Reference("name", name)].append(item_id)
    if wanted["objectUrl"]:
        digests = [
            md5(url.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
            for url in wanted["objectUrl"]
        ]
        # By the index, which is on the digests.
        by_url = whole.exclude(object_url="").annotate(digest=MD5("object_url"))
        for item_id, url in by_url.filter(digest__in=digests).values_list("pk", "object_url"):
            found[Reference("objectUrl", url)].append(item_id)
    return found


def _unresolved(path: str, reference: Reference, count: int) -> FieldError:
    path, shown = f"{path}.{reference.by}", str(reference.value)[:80]
    if count:
        what = "name" if reference.by == "name" else "address"
        return FieldError(
            path, f"{count} items have this {what}; use the id.", "ambiguous", found=shown
        )
    return FieldError(path, "The folder has no such item.", "not_found", found=shown)
