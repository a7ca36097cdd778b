"""Pages of names in alphabetical order, as members and teams are listed."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from core.errors import InvalidInput

Shown = TypeVar("Shown")
Row = TypeVar("Row", bound=Model)
PAGE = 100
# An organisation of a million people would be looked through by its search field.
LAST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Shown]):
    """Some rows; `next` is the number of the page that follows, None at the end."""

    rows: list[Shown]
    number: int
    next: int | None


def page_of(rows: "QuerySet[Row]", given: Any) -> Page[Row]:
    """The page of the ordered rows whose number stands in the address.

    Raises:
        InvalidInput: it is no number of a page.
    """
    text = str(given or "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
    if not 1 <= number <= LAST_PAGE:
        raise InvalidInput("There is no such page. Begin at the first one.")
    start = (number - 1) * PAGE
    found = list(rows[start : start + PAGE + 1])
    return Page(found[:PAGE], number, number + 1 if len(found) > PAGE else None)
