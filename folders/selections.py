"""Items that somebody has ticked in a folder: some by name, or all that a search matches."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import QuerySet

from core.errors import FieldError, InvalidInput, NotFound
from folders.choices import ItemState
from folders.counts import Bounded, count_up_to
from folders.models import Folder, Item

# A longer list of ids is a search in disguise, and a request of hundreds of kilobytes.
MAX_NAMED_ITEMS = 10_000
# Beyond any folder, as far as a page that is asked "all of them?" has time to count.
_COUNTED = 1_000_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Items directly in one folder; parts of groups and sequences go with their wholes.

    Attributes:
        folder: where they lie.
        item_ids: those that were named; None for all that match.
        search: what stands in the names, in any case of letters; empty for all names.
        state: of ItemState; empty for all states.
    """

    folder: Folder
    item_ids: tuple[UUID, ...] | None = None
    search: str = ""
    state: str = ""

    def items(self) -> QuerySet[Item]:
        """The items, as they are now."""
        found = Item.objects.filter(folder=self.folder, parent=None)
        if self.item_ids is not None:
            return found.filter(pk__in=self.item_ids)
        if self.state:
            found = found.filter(state=self.state)
        return found.filter(name__icontains=self.search) if self.search else found

    def count(self) -> Bounded:
        """How many they are."""
        return count_up_to(self.items(), _COUNTED)

    def require_all(self) -> None:
        """Raise NotFound unless each of the items that were named lies in the folder."""
        if self.item_ids is not None and self.items().count() < len(set(self.item_ids)):
            raise NotFound("One of the items is not in this folder.")

    def to_json(self) -> dict[str, Any]:
        """As forms carry it."""
        named = None if self.item_ids is None else [str(item_id) for item_id in self.item_ids]
        return {"items": named, "search": self.search, "state": self.state}

    @classmethod
    def from_json(cls, folder: Folder, stored: dict[str, Any]) -> Self:
        """What `to_json` stored."""
        named = stored["items"]
        return cls(
            folder=folder,
            item_ids=None if named is None else tuple(UUID(item_id) for item_id in named),
            search=stored["search"],
            state=stored["state"],
        )


def check_selection(selection: Selection) -> Selection:
    """The selection, if it can be carried out.

    Raises:
        InvalidInput: it names none or too many items, or a state that there is not.
        NotFound: one of the items that were named does not lie in the folder.
    """
    named = selection.item_ids
    if named is not None and not 1 <= len(named) <= MAX_NAMED_ITEMS:
        message = f"Choose 1 to {MAX_NAMED_ITEMS:,} items, or all that match a search."
        raise InvalidInput(message, errors=[FieldError("items", message, "range")])
    if selection.state and selection.state not in ItemState.values:
        message = "There is no such state."
        expected = ", ".join(ItemState.values)
        raise InvalidInput(
            errors=[FieldError("state", message, "choice", expected, selection.state[:80])]
        )
    selection.require_all()
    return selection
