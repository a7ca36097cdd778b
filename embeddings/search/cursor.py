"""Where the next page begins: opaque to clients, signed, and good only for the same search."""

from dataclasses import dataclass

from django.core import signing

from core.errors import FieldError, InvalidInput
from embeddings.search.results import LeftOut

_SALT = "embeddings.search.cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last hit given out, where it stands in a kept ranking, the counts of the first page.

    `complete`: every hit before that position was given out; an index may have passed some over.
    """

    distance: float
    unit_id: int
    searched: int
    left_out: LeftOut
    ranking: str = ""
    place: int = 0
    complete: bool = True


def encode(cursor: Cursor, *, digest: str) -> str:
    """The cursor as text; `digest` names the search that it belongs to."""
    # Hexadecimal keeps every bit of the distance.
    counts = [cursor.searched, cursor.left_out.no_vector, cursor.left_out.zero]
    last = [cursor.distance.hex(), cursor.unit_id]
    kept = [cursor.ranking, cursor.place, cursor.complete]
    content = [digest, *last, *counts, *kept]
    return signing.dumps(content, salt=_SALT)


def decode(text: str, *, digest: str) -> Cursor:
    """Read a cursor.

    Raises:
        InvalidInput: it is not one of ours, or belongs to another search.
    """
    try:
        of_search, distance, unit_id, *counts, ranking, place, complete = signing.loads(
            text, salt=_SALT
        )
        searched, no_vector, zero = counts
    except (signing.BadSignature, ValueError):
        raise _refusal("This is not a cursor of a search.", "bad_cursor") from None
    if of_search != digest:
        raise _refusal(
            "The search has changed since this page was made. Start again.", "stale_cursor"
        )
    left_out = LeftOut(no_vector, zero)
    return Cursor(float.fromhex(distance), unit_id, searched, left_out, ranking, place, complete)


def _refusal(message: str, code: str) -> InvalidInput:
    return InvalidInput(message, code=code, errors=[FieldError("cursor", message, code)])
