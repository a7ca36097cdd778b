"""Keeps which items a bulk job is for, from the moment that somebody asked for it."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Func, IntegerField, Sum, Window
from django.db.models.functions import Now, RowNumber

from core.models import Job
from folders.models import SelectedItems, SelectedUnits
from folders.selections import Selection

_NEW = timedelta(hours=1)


def keep_items(selection: Selection, *, size: int) -> tuple[UUID, int]:
    """Keep the items of a selection, in batches of `size`; their name, and how many they are.

    One statement: a million of them take some seconds.
    """
    name = uuid4()
    place = Window(RowNumber(), order_by=[F("created_at").asc(), F("pk").asc()])
    ordered = selection.items().order_by().annotate(place=place).values("pk", "place")
    statement, values = ordered.query.sql_with_params()
    insert = f"""
        INSERT INTO folders_selecteditems (selection, number, items, created_at)
        SELECT %s, (place - 1) / %s, array_agg(item ORDER BY place), now()
        FROM ({statement}) AS ordered (item, place) GROUP BY 2
    """  # noqa: S608 - a statement of Django's own
    with connection.cursor() as cursor:
        cursor.execute(insert, [name, size, *values])
    count = Sum(Func(F("items"), function="cardinality", output_field=IntegerField()))
    kept = SelectedItems.objects.filter(selection=name).aggregate(count=count)
    return name, kept["count"] or 0


def kept_items(name: UUID, number: int) -> list[UUID] | None:
    """The items of one batch, from 0; None behind the last."""
    rows = SelectedItems.objects.filter(selection=name, number=number)
    return rows.values_list("items", flat=True).first()


def forget_ended(kind: str) -> int:
    """Forget the selections whose jobs, of that kind, have ended; return how many batches went."""
    return forget(SelectedItems, kind)


def forget(rows: type[SelectedItems] | type[SelectedUnits], kind: str) -> int:
    """The same for selections of either sort."""
    active = Job.objects.active().filter(kind=kind)
    needed = list(active.values_list("payload__selection", flat=True))
    # A job may have been asked for since they were read.
    old = rows._default_manager.filter(created_at__lt=Now() - _NEW)
    gone, _ = old.exclude(selection__in=needed).delete()
    return gone
