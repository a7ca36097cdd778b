"""Changes of live keys: what they need, and why some are refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from core.errors import Conflict, FieldError, InvalidInput
from folders import hooks
from folders.choices import KeyType, Metric
from folders.filters.expressions import MetadataText
from folders.filters.indexed import is_indexed
from folders.models import IndexedValue, MetadataKey, Unit
from folders.services.schema_checks import (
    may_become,
    metric_errors,
    size_errors,
    value_errors,
)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What is to be different; None and empty leave things as they are."""

    type: str | None = None
    add_values: Sequence[str] = ()
    remove_values: Sequence[str] = ()
    dimensions: int | None = None
    metric: str | None = None

    @property
    def narrows(self) -> bool:
        """Whether something that others rely on may go: filters, values to choose from."""
        return self.type is not None or bool(self.remove_values)

    def as_dict(self) -> dict[str, Any]:
        """The change as the audit log keeps it."""
        parts = {
            "type": self.type,
            "values_added": list(self.add_values),
            "values_removed": list(self.remove_values),
            "dimensions": self.dimensions,
            "metric": self.metric,
        }
        return {name: part for name, part in parts.items() if part}


def apply_change(key: MetadataKey, change: KeyChange) -> list[str]:
    """Change a locked key, unsaved; returns the names of the fields that changed.

    Raises:
        Conflict: the change would break what is stored.
        InvalidInput: naming all that is wrong.
    """
    errors = [*_type_errors(key, change), *_enum_errors(key, change), *_vector_errors(key, change)]
    if errors:
        raise InvalidInput(errors[0].message if len(errors) == 1 else "", errors=errors)
    _refuse_breaking(key, change)
    fields = []
    if change.type is not None:
        key.type = KeyType(change.type)
        fields.append("type")
    if change.add_values or change.remove_values:
        removed = set(change.remove_values)
        if key.misfits and change.add_values:
            # Values from before the key, which now fit.
            key.misfits -= min(key.misfits, sum(values_in_use(key, change.add_values).values()))
            fields.append("misfits")
        key.values = [*(v for v in key.values if v not in removed), *change.add_values]
        fields.append("values")
    if change.dimensions is not None:
        key.dimensions = change.dimensions
        fields.append("dimensions")
    if change.metric is not None:
        key.metric = Metric(change.metric)
        fields.append("metric")
    return fields


def values_in_use(key: MetadataKey, values: Sequence[str]) -> dict[str, int]:
    """How many units have each of the values of an enum; values without any are left out."""
    if is_indexed(key):
        rows = IndexedValue.objects.filter(key_id=key.pk, number=None, moment=None, word__in=values)
        return dict(rows.order_by().values_list("word").annotate(n=Count("unit_id")))
    units = Unit.objects.filter(root__organisation=key.organisation_id, metadata__has_key=key.name)
    named = units.annotate(word=MetadataText(key.name)).filter(word__in=values)
    return dict(named.order_by().values_list("word").annotate(n=Count("pk")))


def _type_errors(key: MetadataKey, change: KeyChange) -> list[FieldError]:
    if change.type is None:
        return []
    if change.type not in KeyType.values:
        expected = ", ".join(KeyType.values)
        return [FieldError("type", "There is no such type.", "choice", expected, str(change.type))]
    if may_become(key.type, change.type):
        return []
    message = (
        f"“{key.name}” is of type {key.type} and stays so. Add a key of another name for values "
        f"of type {change.type}."
    )
    return [FieldError("type", message, "type_is_fixed", key.type, change.type)]


def _enum_errors(key: MetadataKey, change: KeyChange) -> list[FieldError]:
    if not change.add_values and not change.remove_values:
        return []
    if key.type != KeyType.ENUM:
        return [FieldError("values", f"“{key.name}” is no enum.", "not_an_enum")]
    removed = set(change.remove_values)
    return value_errors([*(v for v in key.values if v not in removed), *change.add_values])


def _vector_errors(key: MetadataKey, change: KeyChange) -> list[FieldError]:
    errors = size_errors(change.dimensions) + metric_errors(change.metric)
    if errors or key.type == KeyType.EMBEDDING:
        return errors
    if change.dimensions is not None:
        errors.append(FieldError("dimensions", f"“{key.name}” is no embedding.", "no_embedding"))
    if change.metric is not None:
        errors.append(FieldError("metric", f"“{key.name}” is no embedding.", "no_embedding"))
    return errors


def _refuse_breaking(key: MetadataKey, change: KeyChange) -> None:
    if change.dimensions is not None and key.dimensions is not None:
        message = f"The vectors of “{key.name}” have {key.dimensions} values and stay so."
        found = str(change.dimensions)
        error = FieldError("dimensions", message, "size_is_fixed", str(key.dimensions), found)
        raise Conflict(message, code="size_is_fixed", errors=[error])
    if change.metric is not None and has_vectors(key):
        message = f"“{key.name}” has vectors already: its metric stays {key.metric}."
        error = FieldError("metric", message, "metric_is_fixed", key.metric, change.metric)
        raise Conflict(message, code="metric_is_fixed", errors=[error])
    used = values_in_use(key, change.remove_values) if change.remove_values else {}
    if used:
        errors = [
            FieldError("values", _have(count, value), "in_use", "none", f"{count:,}")
            for value, count in sorted(used.items())
        ]
        named = ", ".join(f"“{value}” ({count:,})" for value, count in sorted(used.items()))
        message = f"Values that units have cannot be removed: {named}."
        raise Conflict(message, code="enum_value_in_use", errors=errors)


def _have(count: int, value: str) -> str:
    return f"1 unit has “{value}”." if count == 1 else f"{count:,} units have “{value}”."


def has_vectors(key: MetadataKey) -> bool:
    """Whether some unit has a vector of the key, which fixes its metric."""
    holders = hooks.vector_holders.function
    return holders is not None and holders.count(key=key) > 0
