"""Keeps which units a bulk job is for, from the moment that somebody asked for it."""

from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, IntegerField, Sum, Window
from django.db.models.functions import RowNumber

from folders.models import SelectedUnits
from folders.querysets import UnitQuerySet
from folders.services.selected_items import forget


def keep_units(units: UnitQuerySet, *, size: int) -> tuple[UUID, int]:
    """Keep units in batches of `size`, in the order of ids; their name, and how many they are.

    One statement: a million of them take some seconds.
    """
    name = uuid4()
    place = Window(RowNumber(), order_by=F("pk").asc())
    ordered = units.order_by().annotate(place=place).values("pk", "place")
    try:
        statement, values = ordered.query.sql_with_params()
    except EmptyResultSet:
        return name, 0
    insert = f"""
        INSERT INTO folders_selectedunits (selection, number, units, created_at)
        SELECT %s, (place - 1) / %s, array_agg(unit ORDER BY place), now()
        FROM ({statement}) AS ordered (unit, place) GROUP BY 2
    """  # noqa: S608 - a statement of Django's own
    with connection.cursor() as cursor:
        cursor.execute(insert, [name, size, *values])
    count = Sum(Func(F("units"), function="cardinality", output_field=IntegerField()))
    kept = SelectedUnits.objects.filter(selection=name).aggregate(count=count)
    return name, kept["count"] or 0


def kept_units(name: UUID, number: int) -> list[int] | None:
    """The units of one batch, from 0; None behind the last."""
    rows = SelectedUnits.objects.filter(selection=name, number=number)
    return rows.values_list("units", flat=True).first()


def forget_ended_units(kind: str) -> int:
    """Forget the selections whose jobs, of that kind, have ended; return how many batches went."""
    return forget(SelectedUnits, kind)
