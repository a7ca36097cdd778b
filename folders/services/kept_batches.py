"""Rows that a bulk job is for, kept in batches from the moment that somebody asked for it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, IntegerField, QuerySet, Sum, Window
from django.db.models.functions import Now, RowNumber

from core.models import Job
from folders.models import SelectedItems, SelectedUnits

_NEW = timedelta(hours=1)
Batches = type[SelectedItems] | type[SelectedUnits]


def keep(
    batches: Batches, column: str, chosen: QuerySet[Any], *, order: list[str], size: int
) -> tuple[UUID, int]:
    """Keep the ids of what was chosen, in batches of `size`; their name, and how many they are.

    One statement: a million of them take some seconds.
    """
    name = uuid4()
    place = Window(RowNumber(), order_by=[F(field).asc() for field in order])
    ordered = chosen.order_by().annotate(place=place).values("pk", "place")
    try:
        statement, values = ordered.query.sql_with_params()
    except EmptyResultSet:
        return name, 0
    insert = f"""
        INSERT INTO {batches._meta.db_table} (selection, number, {column}, created_at)
        SELECT %s, (place - 1) / %s, array_agg(one ORDER BY place), now()
        FROM ({statement}) AS ordered (one, place) GROUP BY 2
    """  # noqa: S608 - a statement of Django's own
    with connection.cursor() as cursor:
        cursor.execute(insert, [name, size, *values])
    count = Sum(Func(F(column), function="cardinality", output_field=IntegerField()))
    kept = batches._default_manager.filter(selection=name).aggregate(count=count)
    return name, kept["count"] or 0


def forget(batches: Batches, kind: str) -> int:
    """Forget the selections whose jobs, of that kind, have ended; return how many batches went."""
    active = Job.objects.active().filter(kind=kind)
    needed = list(active.values_list("payload__selection", flat=True))
    # A job may have been asked for since they were read.
    old = batches._default_manager.filter(created_at__lt=Now() - _NEW)
    gone, _ = old.exclude(selection__in=needed).delete()
    return gone
