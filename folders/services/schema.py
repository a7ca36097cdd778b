"""Writes to the metadata schema."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actor import Actor
from core.errors import Conflict, FieldError, InvalidInput
from core.services import audit
from folders import hooks
from folders.choices import KeyType, Metric
from folders.constants import MAX_DIMENSIONS, MAX_ENUM_VALUES, MAX_VARCHAR_LENGTH, MIN_DIMENSIONS
from folders.models import MetadataKey
from folders.names import key_name_problem
from folders.permissions import require_schema_editor


@transaction.atomic
def add_key(
    *,
    actor: Actor,
    name: str,
    type: KeyType | str,  # noqa: A002
    values: Sequence[str] | None = None,
    dimensions: int | None = None,
    metric: Metric | str | None = None,
) -> MetadataKey:
    """Add a typed key to the organisation's schema.

    Args:
        actor: an administrator of the organisation, or somebody who edits one of its folders.
        name: unique in the organisation, deleted keys included.
        type: what values under the key are.
        values: of an enum, 1 to 256 different texts.
        dimensions: of an embedding, 1 to 4096.
        metric: of an embedding; cosine unless told.

    Raises:
        Conflict: the name is taken by a live or a deleted key.
        InvalidInput: naming all that is wrong.
        NotAllowed: the actor may not change the schema.
    """
    require_schema_editor(actor)
    name = name.strip()
    errors = _key_errors(name, type, values, dimensions, metric)
    if errors:
        raise InvalidInput(errors[0].message if len(errors) == 1 else "", errors=errors)
    key = MetadataKey(
        organisation=actor.organisation,
        name=name,
        type=KeyType(type),
        values=list(values or []),
        dimensions=dimensions,
        metric=Metric(metric or Metric.COSINE),
        created_by=actor.user,
    )
    _insert(key)
    hooks.on_key_created(key)
    audit.record(
        actor=actor, action="schema.key_added", target=key, data={"name": name, "type": key.type}
    )
    return key


@transaction.atomic
def add_enum_values(*, actor: Actor, key: MetadataKey, values: Sequence[str]) -> MetadataKey:
    """Let an enum take further values; values in use are never taken away.

    Raises:
        InvalidInput: the key is no enum, or the values are wrong or too many.
        NotAllowed: the actor may not change the schema.
    """
    require_schema_editor(actor)
    key = MetadataKey.objects.select_for_update().get(pk=key.pk, organisation=actor.organisation)
    if key.type != KeyType.ENUM:
        raise InvalidInput(f"“{key.name}” is no enum.", code="not_an_enum")
    merged = [*key.values, *(value for value in values if value not in key.values)]
    errors = _value_errors(merged)
    if errors:
        raise InvalidInput(errors=errors)
    key.values = merged
    key.save(update_fields=["values", "updated_at"])
    audit.record(
        actor=actor, action="schema.enum_extended", target=key, data={"values": list(values)}
    )
    return key


@transaction.atomic
def delete_key(*, actor: Actor, key: MetadataKey) -> MetadataKey:
    """Turn the key into a tombstone; its values stay where they are and come back with it.

    Raises:
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    key = MetadataKey.objects.select_for_update().get(pk=key.pk, organisation=actor.organisation)
    if key.deleted_at is None:
        key.deleted_at = timezone.now()
        key.save(update_fields=["deleted_at", "updated_at"])
        hooks.on_key_deleted(key)
        audit.record(actor=actor, action="schema.key_deleted", target=key, data={"name": key.name})
    return key


@transaction.atomic
def restore_key(*, actor: Actor, key: MetadataKey) -> MetadataKey:
    """Make a tombstone a live key again.

    Raises:
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    key = MetadataKey.objects.select_for_update().get(pk=key.pk, organisation=actor.organisation)
    if key.deleted_at is not None:
        key.deleted_at = None
        key.save(update_fields=["deleted_at", "updated_at"])
        hooks.on_key_restored(key)
        audit.record(actor=actor, action="schema.key_restored", target=key, data={"name": key.name})
    return key


def _insert(key: MetadataKey) -> None:
    """The unique constraint decides between two who add the same name at once."""
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        taken = MetadataKey.objects.get(organisation=key.organisation, name=key.name)
        if taken.deleted_at is not None:
            raise Conflict(
                f"A deleted key is named “{key.name}”. Restore it, or choose another name.",
                code="key_deleted",
                extra={"key": taken.pk},
            ) from None
        raise Conflict(
            f"There is a key “{key.name}” already, of type {taken.type}.", code="key_exists"
        ) from None


def _key_errors(
    name: str,
    type_: str,
    values: Sequence[str] | None,
    dimensions: int | None,
    metric: str | None,
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
        errors += _value_errors(list(values or []))
    elif values:
        errors.append(FieldError("values", "Only a key of type enum has values."))
    if type_ == KeyType.EMBEDDING:
        errors += _embedding_errors(dimensions, metric)
    elif dimensions is not None:
        errors.append(FieldError("dimensions", "Only a key of type embedding has dimensions."))
    return errors


def _embedding_errors(dimensions: int | None, metric: str | None) -> list[FieldError]:
    errors = []
    expected = f"{MIN_DIMENSIONS} to {MAX_DIMENSIONS}"
    if dimensions is None:
        message = "Say how many numbers a vector of this key has."
        errors.append(FieldError("dimensions", message, "required", expected))
    elif not MIN_DIMENSIONS <= dimensions <= MAX_DIMENSIONS:
        message = f"A vector has {expected} numbers."
        errors.append(FieldError("dimensions", message, "range", expected, str(dimensions)))
    if metric and metric not in Metric.values:
        expected = ", ".join(Metric.values)
        errors.append(FieldError("metric", "There is no such metric.", "choice", expected, metric))
    return errors


def _value_errors(values: list[str]) -> list[FieldError]:
    """All that is wrong with the values of an enum."""
    if not 1 <= len(values) <= MAX_ENUM_VALUES:
        message = f"An enum has 1 to {MAX_ENUM_VALUES} values."
        expected = f"1 to {MAX_ENUM_VALUES}"
        return [FieldError("values", message, "range", expected, str(len(values)))]
    errors = []
    for number, value in enumerate(values):
        path = f"values.{number}"
        if not value.strip() or len(value) > MAX_VARCHAR_LENGTH:
            message = f"A value has 1 to {MAX_VARCHAR_LENGTH} characters."
            errors.append(FieldError(path, message, "length", found=value[:80]))
        elif value in values[:number]:
            errors.append(FieldError(path, "The value is there twice.", "repeated", found=value))
    return errors
