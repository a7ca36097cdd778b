"""Keeps which units a bulk job is for, from the moment that somebody asked for it."""

from uuid import UUID

from folders.models import SelectedUnits
from folders.querysets import UnitQuerySet
from folders.services.kept_batches import forget, keep


def keep_units(units: UnitQuerySet, *, size: int) -> tuple[UUID, int]:
    """Keep units in batches of `size`, in the order of ids; their name, and how many they are."""
    return keep(SelectedUnits, "units", units, order=["pk"], size=size)


def kept_units(name: UUID, number: int) -> list[int] | None:
    """The units of one batch, from 0; None behind the last."""
    rows = SelectedUnits.objects.filter(selection=name, number=number)
    return rows.values_list("units", flat=True).first()


def forget_ended_units(kind: str) -> int:
    """Forget the selections whose jobs, of that kind, have ended; return how many batches went."""
    return forget(SelectedUnits, kind)
