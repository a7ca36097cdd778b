"""Keeps which items a bulk job is for, from the moment that somebody asked for it."""

from uuid import UUID

from folders.models import SelectedItems
from folders.selections import Selection
from folders.services.kept_batches import forget, keep


def keep_items(selection: Selection, *, size: int) -> tuple[UUID, int]:
    """Keep the items of a selection, in batches of `size`; their name, and how many they are."""
    order = ["created_at", "pk"]
    return keep(SelectedItems, "items", selection.items(), order=order, size=size)


def kept_items(name: UUID, number: int) -> list[UUID] | None:
    """The items of one batch, from 0; None behind the last."""
    rows = SelectedItems.objects.filter(selection=name, number=number)
    return rows.values_list("items", flat=True).first()


def forget_ended(kind: str) -> int:
    """Forget the selections whose jobs, of that kind, have ended; return how many batches went."""
    return forget(SelectedItems, kind)
