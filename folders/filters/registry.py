"""Which fields the grammar knows; apps above add theirs in AppConfig.ready."""

from django.db.models import F, FloatField
from django.db.models.functions import Cast, NullIf

from folders.choices import ItemState, UnitKind
from folders.filters import values
from folders.filters.fields import (
    ColumnField,
    ComputedField,
    FieldType,
    FolderField,
    IntegerField,
    comparisons,
)
from folders.filters.metadata import MetadataField
from folders.filters.values import wrong

_fields: dict[str, FieldType] = {}


def register_field(prefix: str, field_type: FieldType) -> None:
    """Let the grammar know a field: `prefix` itself, or `prefix.<key>` if the type takes a key.

    Raises:
        ValueError: the prefix belongs to another type.
    """
    if _fields.setdefault(prefix, field_type) is not field_type:
        raise ValueError(f"The filter field {prefix!r} is registered already.")


def find_field(name: str, path: str) -> FieldType:
    """The type of a field.

    Raises:
        InvalidInput: the grammar knows no such field.
    """
    prefix, _, key = name.partition(".")
    field_type = _fields.get(prefix)
    if field_type is None or bool(key) != field_type.takes_key:
        known = [f"{p}.<key>" if t.takes_key else p for p, t in sorted(_fields.items())]
        message = f"There is no field “{name[:80]}”."
        raise wrong(f"{path}.field", message, expected=", ".join(known), found=name)
    return field_type


_text = comparisons(values.text)
_number = comparisons(values.number, order=True, exists=True)

register_field("kind", ColumnField("kind", comparisons(values.choice(UnitKind.values))))
register_field("state", ColumnField("item__state", comparisons(values.choice(ItemState.values))))
register_field("name", ColumnField("item__name", {**_text, "contains": values.text}))
register_field("item", ColumnField("item", comparisons(values.uuid)))
register_field("unit", ColumnField("pk", comparisons(values.unit_id)))
register_field("folder", FolderField())
register_field(
    "created_at", ColumnField("item__created_at", comparisons(values.moment, order=True))
)
register_field("width", IntegerField("item__width", _number))
register_field("height", IntegerField("item__height", _number))
# Of numbers with a point: the product may not fit the columns' type, nor the quotient be whole.
_width, _height = (Cast(F(f"item__{name}"), FloatField()) for name in ("width", "height"))
register_field("area", ComputedField(_width * _height))
register_field("aspect_ratio", ComputedField(_width / NullIf(_height, 0.0)))
register_field("size", IntegerField("item__size", _number))
register_field("duration", ColumnField("item__duration", _number))
register_field("frame", IntegerField("frame", _number))
register_field("metadata", MetadataField())
