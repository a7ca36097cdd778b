"""Lists of units, and values under a metadata key, as SQL expressions: for filters, order, facets.

Django's own key transforms read a key that looks like a number as a place in an array.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    F,
    FloatField,
    Func,
    TextField,
    Value,
)
from django.db.models.sql.compiler import SQLCompiler

# The forms of folders.metadata.values, as PostgreSQL spells them. The triggers that index values
# hold a copy; a test compares what both find.
MOMENT_PATTERN = (
    "^([0-9]{4}-[0-9]{2}-[0-9]{2}"
    "([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
    "|[0-9]{8}(T[0-9]{6}Z?)?)$"
)


class AnyOf(Func):
    """Whether a unit is one of many: one parameter, however many they are."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__(F("pk"), Value(list(ids), output_field=ArrayField(BigIntegerField())))


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
    """The value as a moment, NULL where it is none.

    Only texts of the forms that imports take: PostgreSQL also reads "now" and "infinity".
    """

    output_field = DateTimeField()

    def __init__(self, key: str, *, column: str = "metadata", **extra: Any) -> None:
        super().__init__(
            MetadataType(key, column=column), MetadataText(key, column=column), **extra
        )

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> tuple[str, tuple[str | int, ...]]:
        """The cast, guarded by what it takes."""
        type_part, text_part = self.get_source_expressions()
        json_type, type_params = compiler.compile(type_part)
        text, text_params = compiler.compile(text_part)
        sql = (
            f"(CASE WHEN {json_type} = 'string' AND {text} ~ %s"
            f" AND pg_input_is_valid({text}, 'timestamptz') THEN {text}::timestamptz END)"
        )
        return sql, (*type_params, *text_params, MOMENT_PATTERN, *text_params, *text_params)
