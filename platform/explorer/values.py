"""Values of metadata keys as typed SQL expressions over units."""

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    F,
    FloatField,
    Func,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from folders.choices import KeyType
from folders.models import MetadataKey


def metadata_value(key: MetadataKey) -> Combinable:
    """The unit's value under the key, NULL where it is missing or of another type."""
    # jsonb_extract_path takes the name as text; the -> of Django's transforms would take a key
    # named "3" for a place in an array.
    path = (F("metadata"), Value(key.name))
    raw = Func(*path, function="jsonb_extract_path", output_field=TextField())
    text = Func(*path, function="jsonb_extract_path_text", output_field=TextField())
    kind = Func(raw, function="jsonb_typeof", output_field=TextField())
    match key.type:
        case KeyType.NUMBER:
            return _only(Exact(kind, Value("number")), Cast(text, FloatField()))
        case KeyType.BOOLEAN:
            return _only(Exact(kind, Value("boolean")), Cast(text, BooleanField()))
        case KeyType.DATETIME:
            # Since PostgreSQL 16; a text that is no time must not fail the whole query.
            valid = Func(
                text,
                Value("timestamptz"),
                function="pg_input_is_valid",
                output_field=BooleanField(),
            )
            return _only(Exact(valid, Value(True)), Cast(text, DateTimeField()))  # noqa: FBT003
    return _only(Exact(kind, Value("string")), text)


def _only(condition: Expression, value: Expression) -> Case:
    # CASE, unlike WHERE, is sure to test before it casts.
    return Case(When(condition, then=value), default=None)
