"""New rows by COPY: several times as quick as INSERT through models."""

import json
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import orjson
from django.db import connection
from django.db.models import DateTimeField, Field, JSONField, Model
from django.utils import timezone

Value = Callable[[Any], Any]


def copy_rows(rows: Sequence[Model]) -> None:
    """Append unsaved rows of one model, which have their ids, to its table.

    Signals and validation are passed over; constraints and triggers of the database are not.
    """
    if not rows:
        return
    options = type(rows[0])._meta
    fields = [field for field in options.concrete_fields if not field.generated]
    values = [_value(field) for field in fields]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"COPY {quote(options.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([value(row) for value in values])


def allot_ids(model: type[Model], count: int) -> list[int]:
    """Ids for so many new rows of a model whose ids are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [row_id for (row_id,) in cursor.fetchall()]


def _value(field: "Field[Any, Any]") -> Value:
    """How a column's value is got from a row."""
    get: Value = attrgetter(field.attname)
    if isinstance(field, JSONField):
        return lambda row: _as_json(get(row))
    if isinstance(field, DateTimeField) and (field.auto_now or field.auto_now_add):
        now = timezone.now()
        return lambda row: get(row) or now
    return get


def _as_json(value: Any) -> str:
    """JSON text; by Python's own writer where the quick one refuses, as whole numbers of more than
    64 bits. What PostgreSQL cannot store was found wrong before.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)
