"""What may be said of a key, and what may be changed of it: every reason for a refusal."""

from collections.abc import Sequence

from core.errors import FieldError
from folders.choices import KeyType, Metric
from folders.constants import (
    MAX_DIMENSIONS,
    MAX_ENUM_VALUE_LENGTH,
    MAX_ENUM_VALUES,
    MIN_DIMENSIONS,
)
from folders.names import key_name_problem

VARIANTS = (
    KeyType.NUMBER,
    KeyType.BOOLEAN,
    KeyType.VARCHAR,
    KeyType.DATETIME,
    KeyType.TEXT,
    KeyType.UUID,
)
"""Types that may take each other's place: one type to the SDK, with different hints."""


def may_become(old: str, new: str) -> bool:
    """Whether a key of one type may be given the other."""
    return old == new or (old in VARIANTS and new in VARIANTS)


def key_errors(
    name: str,
    type_: str,
    values: Sequence[str] | None = None,
    dimensions: int | None = None,
    metric: str | None = None,
) -> list[FieldError]:
    """All that is wrong with a new key."""
    if type_ not in KeyType.values:
        expected = ", ".join(KeyType.values)
        return [FieldError("type", "There is no such type.", "choice", expected, str(type_))]
    errors = []
    problem = key_name_problem(name, embedding=type_ == KeyType.EMBEDDING)
    if problem:
        errors.append(FieldError("name", problem, found=name[:80]))
    if type_ == KeyType.ENUM:
        errors += value_errors(list(values or []))
    elif values:
        errors.append(FieldError("values", "Only a key of type enum has values."))
    if type_ == KeyType.EMBEDDING:
        errors += size_errors(dimensions) + metric_errors(metric)
    elif dimensions is not None:
        errors.append(FieldError("dimensions", "Only a key of type embedding has dimensions."))
    return errors


def size_errors(dimensions: int | None) -> list[FieldError]:
    """All that is wrong with the size of an embedding; None leaves it to the first vector."""
    if dimensions is None or MIN_DIMENSIONS <= dimensions <= MAX_DIMENSIONS:
        return []
    expected = f"{MIN_DIMENSIONS} to {MAX_DIMENSIONS}"
    message = f"A vector has {expected} numbers."
    return [FieldError("dimensions", message, "range", expected, str(dimensions))]


def metric_errors(metric: str | None) -> list[FieldError]:
    """All that is wrong with a metric; None stands for cosine."""
    if not metric or metric in Metric.values:
        return []
    expected = ", ".join(Metric.values)
    return [FieldError("metric", "There is no such metric.", "choice", expected, metric)]


def value_errors(values: list[str]) -> list[FieldError]:
    """All that is wrong with the values of an enum."""
    if not 1 <= len(values) <= MAX_ENUM_VALUES:
        message = f"An enum has 1 to {MAX_ENUM_VALUES} values."
        expected = f"1 to {MAX_ENUM_VALUES}"
        return [FieldError("values", message, "range", expected, str(len(values)))]
    errors = []
    seen: set[str] = set()
    for number, value in enumerate(values):
        path = f"values.{number}"
        if not value.strip() or len(value) > MAX_ENUM_VALUE_LENGTH or not _is_storable(value):
            message = f"A value has 1 to {MAX_ENUM_VALUE_LENGTH} characters."
            errors.append(FieldError(path, message, "length", found=value[:80]))
        elif value in seen:
            errors.append(FieldError(path, "The value is there twice.", "repeated", found=value))
        seen.add(value)
    return errors


def _is_storable(value: str) -> bool:
    """PostgreSQL knows neither NUL nor halves of surrogate pairs."""
    return "\x00" not in value and value.encode(errors="replace") == value.encode(
        errors="surrogatepass"
    )
