"""Values under a metadata key as SQL expressions, for filters, order and facets.

Django's own key transforms read a key that looks like a number as a place in an array.
"""

from typing import Any

from django.db.models import BooleanField, DateTimeField, F, FloatField, Func, TextField, Value


class MetadataText(Func):
    """The value as text; numbers and booleans too, null and absent are NULL."""

    template = "(%(expressions)s)"
    arg_joiner = " ->> "
    output_field = TextField()

    def __init__(self, key: str, *, column: str = "metadata", **extra: Any) -> None:
        super().__init__(F(column), Value(key), **extra)


class MetadataType(Func):
    """JSON type of the value: 'string', 'number', 'null' …; NULL where the key is absent."""

    function = "jsonb_typeof"
    arg_joiner = " -> "
    output_field = TextField()

    def __init__(self, key: str, *, column: str = "metadata", **extra: Any) -> None:
        super().__init__(F(column), Value(key), **extra)


class MetadataNumber(Func):
    """The value as a number, NULL where it is none; values from before the key may be anything."""

    template = "(CASE WHEN %(expressions)s::double precision END)"
    arg_joiner = " = 'number' THEN "
    output_field = FloatField()

    def __init__(self, key: str, *, column: str = "metadata", **extra: Any) -> None:
        super().__init__(
            MetadataType(key, column=column), MetadataText(key, column=column), **extra
        )


class MetadataMoment(Func):
    """The value as a moment, NULL where it is none."""

    template = "(CASE WHEN %(expressions)s::timestamptz END)"
    arg_joiner = " THEN "
    output_field = DateTimeField()

    def __init__(self, key: str, *, column: str = "metadata", **extra: Any) -> None:
        text = MetadataText(key, column=column)
        valid = Func(
            text, Value("timestamptz"), function="pg_input_is_valid", output_field=BooleanField()
        )
        super().__init__(valid, text.copy(), **extra)
