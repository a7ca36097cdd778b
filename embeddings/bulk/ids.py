"""What the ids of a file are, and which of them can be looked for at all."""

import re
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from core.errors import FieldError
from embeddings.bulk.rows import MAX_ID_LENGTH

_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.")
# Enough to tell by; a file whose ids are mixed is refused row by row.
_LOOKED_AT = 1000


class IdKind(StrEnum):
    """What names an item."""

    ITEM = "item"
    NAME = "name"
    URL = "url"

    @property
    def words(self) -> str:
        """As people read it."""
        return _WORDS[self]


_WORDS = {IdKind.ITEM: "item ids", IdKind.NAME: "item names", IdKind.URL: "object URLs"}


def detect_kind(ids: Sequence[str]) -> IdKind:
    """What ids are, judged by the first of them: UUIDs, addresses, or else names."""
    some = [one for one in ids[:_LOOKED_AT] if one]
    if some and all(_UUID.fullmatch(one) for one in some):
        return IdKind.ITEM
    if some and all(_URL.match(one) for one in some):
        return IdKind.URL
    return IdKind.NAME


def wrong_ids(ids: Sequence[str], kind: IdKind, start: int) -> dict[int, FieldError]:
    """Errors of ids that cannot be any item's, by their place in the list."""
    if _all_usable(ids, kind):
        return {}
    wrong = {}
    for place, one in enumerate(ids):
        message = _problem(one, kind)
        if message:
            wrong[place] = FieldError(
                f"rows.{start + place}.id", message, "not_an_id", kind.words, shown(one)
            )
    return wrong


def as_uuid(one: str) -> str:
    """The usual form of an id that was found to be one."""
    return str(UUID(one))


def shown(one: str) -> str:
    """An id as an error shows it."""
    return one[:120].encode(errors="backslashreplace").decode()


def _all_usable(ids: Sequence[str], kind: IdKind) -> bool:
    """Whether nothing is wrong with any of them, without a look at each where that is possible."""
    if not all(ids) or max(map(len, ids), default=0) > MAX_ID_LENGTH:
        return False
    if kind is IdKind.ITEM:
        return all(map(_UUID.fullmatch, ids))
    return _is_storable("".join(ids))


def _problem(one: str, kind: IdKind) -> str:
    if not one:
        return "The id is missing, or is no text in UTF-8."
    if len(one) > MAX_ID_LENGTH:
        return f"The id has more than {MAX_ID_LENGTH} characters."
    if not _is_storable(one):
        return "The id holds characters that no name can have."
    if kind is IdKind.ITEM and not _UUID.fullmatch(one):
        return "This is no item id."
    return ""


def _is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text: no NUL, no half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
