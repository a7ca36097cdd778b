"""Reads the body of a vectors import.

By hand: REST framework's list fields take 20 times as long as the import itself, and would take
the text "1" and the truth value true for numbers.
"""

from typing import Any
from uuid import UUID

from core.errors import FieldError, InvalidInput
from embeddings.api.vector_fields import decode
from embeddings.constants import MAX_REPORTED_ERRORS, MAX_VECTORS_PER_REQUEST
from embeddings.services.addresses import UnitAddress
from embeddings.services.imports import VectorEntry
from embeddings.values import describe, printable

_FIELDS = {"item", "name", "frame", "values"}


def read_body(body: Any) -> tuple[str, list[VectorEntry]]:
    """The key's name and the entries; values are checked later, with the key's size at hand.

    Raises:
        InvalidInput: the body is not as documented; every wrong place is named (up to 50).
    """
    if not isinstance(body, dict):
        raise InvalidInput("The body is a JSON object.", code="not_an_object")
    errors: list[FieldError] = []
    key = body.get("key")
    if not _is_text(key):
        errors.append(
            FieldError("key", "Name the embedding key.", "required", "a text", describe(key))
        )
    vectors = body.get("vectors")
    if not isinstance(vectors, list) or not 1 <= len(vectors) <= MAX_VECTORS_PER_REQUEST:
        expected = f"a list of 1 to {MAX_VECTORS_PER_REQUEST} vectors"
        found = f"a list of {len(vectors)}" if isinstance(vectors, list) else describe(vectors)
        errors.append(FieldError("vectors", f"This is {expected}.", "required", expected, found))
        vectors = []
    entries = [_entry(entry, f"vectors.{place}", errors) for place, entry in enumerate(vectors)]
    if errors:
        raise InvalidInput(errors=errors[:MAX_REPORTED_ERRORS])
    return str(key), entries


def _entry(entry: Any, path: str, errors: list[FieldError]) -> VectorEntry:
    if not isinstance(entry, dict):
        errors.append(
            FieldError(path, "This is an object.", "not_an_object", found=describe(entry))
        )
        return VectorEntry(UnitAddress(), None)
    errors += [
        FieldError(f"{path}.{printable(name)}", "There is no such field.", "unknown_field")
        for name in entry.keys() - _FIELDS
    ]
    if "values" not in entry:
        errors.append(FieldError(f"{path}.values", "The vector is missing.", "required"))
    values, error = decode(entry.get("values"), f"{path}.values")
    errors += [error] if error else []
    return VectorEntry(_address(entry, path, errors), values)


def _address(entry: dict[str, Any], path: str, errors: list[FieldError]) -> UnitAddress:
    name, frame = entry.get("name"), entry.get("frame")
    if (entry.get("item") is None) == (name is None):
        errors.append(FieldError(path, "Name the item by its id or by its name.", "required"))
    if name is not None and not _is_text(name):
        errors.append(
            FieldError(f"{path}.name", "This is no name.", expected="a text", found=describe(name))
        )
    if frame is not None and (type(frame) is not int or not 0 <= frame < 2**31):
        errors.append(
            FieldError(
                f"{path}.frame",
                "Frames are numbered from 0.",
                "not_a_frame",
                "a whole number from 0",
                describe(frame),
            )
        )
    item = None
    if entry.get("item") is not None:
        try:
            item = UUID(str(entry["item"]))
        except ValueError:
            found = describe(entry["item"])
            errors.append(FieldError(f"{path}.item", "This is no item id.", "not_an_id", "", found))
    return UnitAddress(item=item, name=name if isinstance(name, str) else None, frame=frame)


def _is_text(value: Any) -> bool:
    """Whether a value is a text that PostgreSQL can hold: no NUL, no half of a character."""
    if not isinstance(value, str) or not value or "\0" in value:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)
