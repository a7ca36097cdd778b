"""Writes to the metadata schema.

A key is live, or deleted (a tombstone that can be restored as it was), or erased (a tombstone for
ever). A live key keeps its type and its size, but for two things: the types of VARIANTS may take
each other's place, and an embedding key without a size may be given one until its first vector
fixes it. Stored values are never touched: those that do not fit stay, are counted, and are passed
over by filters.
"""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actor import Actor
from core.errors import Conflict, FieldError, InvalidInput
from core.services import audit
from folders import hooks
from folders.choices import KeyType, Metric
from folders.models import MetadataKey
from folders.permissions import require_schema_editor
from folders.services.schema_changes import KeyChange, apply_change
from folders.services.schema_checks import key_errors
from folders.services.value_index import INDEX_FIELDS, mark_changed, request_indexing


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
        dimensions: of an embedding, 1 to 4096; None leaves it to the first vector.
        metric: of an embedding; cosine unless told.

    Raises:
        Conflict: the name is taken by a live or a deleted key.
        InvalidInput: naming all that is wrong.
        NotAllowed: the actor may not change the schema.
    """
    require_schema_editor(actor)
    name = name.strip()
    errors = key_errors(name, type, values, dimensions, metric)
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
    if key.type != KeyType.EMBEDDING:
        request_indexing(actor=actor)
    audit.record(
        actor=actor, action="schema.key_added", target=key, data={"name": name, "type": key.type}
    )
    return key


@transaction.atomic
def edit_key(
    *,
    actor: Actor,
    key: MetadataKey,
    type: KeyType | str | None = None,  # noqa: A002
    add_values: Sequence[str] = (),
    remove_values: Sequence[str] = (),
    dimensions: int | None = None,
    metric: Metric | str | None = None,
) -> MetadataKey:
    """Change a live key; what is not given stays. A key is never renamed: data names it.

    Args:
        actor: somebody who may add keys; another type, and fewer values, take an administrator.
        key: the key.
        type: for number, boolean, varchar, datetime, text and uuid: another one of these. Values
            that do not fit it are kept and counted (`misfits`, once the key is indexed again).
        add_values, remove_values: of an enum; only values that no unit has can be removed.
        dimensions: of an embedding whose size is open.
        metric: of an embedding that has no vectors yet.

    Raises:
        Conflict: the key is deleted, or the change would break what is stored; the errors name
            the values of an enum that are in use, with their counts.
        InvalidInput: naming all that is wrong.
        NotAllowed: the actor may not make this change.
    """
    require_schema_editor(actor)
    key = _locked(actor, key)
    change = KeyChange(
        type=type if type != key.type else None,
        add_values=[value for value in add_values if value not in key.values],
        remove_values=[value for value in key.values if value in set(remove_values)],
        dimensions=dimensions if dimensions != key.dimensions else None,
        metric=metric if metric != key.metric else None,
    )
    if key.deleted_at is not None:
        raise Conflict(f"“{key.name}” is deleted. Restore it first.", code="key_deleted")
    if change.narrows:
        actor.require_organisation_admin()
    fields = apply_change(key, change)
    if not fields:
        return key
    if change.type is not None:
        mark_changed(key)
        fields += INDEX_FIELDS
        request_indexing(actor=actor)
    key.save(update_fields=[*fields, "updated_at"])
    data = {"name": key.name, **change.as_dict()}
    audit.record(actor=actor, action="schema.key_edited", target=key, data=data)
    return key


@transaction.atomic
def delete_key(*, actor: Actor, key: MetadataKey, hard: bool = False) -> MetadataKey:
    """Turn the key into a tombstone. Its values stay where they are and come back with it.

    With `hard` it can never be restored, nor its name be used again; vectors are removed. A soft
    tombstone can be made a hard one, but never the other way round.

    Raises:
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    key = _locked(actor, key)
    if key.deleted_at is None:
        _bury(actor, key)
        hooks.on_key_deleted(key)
        audit.record(actor=actor, action="schema.key_deleted", target=key, data={"name": key.name})
    if hard and not key.erased:
        key.erased = True
        key.save(update_fields=["erased", "updated_at"])
        hooks.on_key_erased(key)
        audit.record(actor=actor, action="schema.key_erased", target=key, data={"name": key.name})
    return key


@transaction.atomic
def restore_key(*, actor: Actor, key: MetadataKey) -> MetadataKey:
    """Make a tombstone a live key again, of its old type.

    Raises:
        Conflict: it was deleted for ever.
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    key = _locked(actor, key)
    if key.erased:
        raise Conflict(f"“{key.name}” was deleted for ever.", code="key_erased")
    if key.deleted_at is not None:
        key.deleted_at = None
        mark_changed(key)
        key.save(update_fields=["deleted_at", *INDEX_FIELDS, "updated_at"])
        if key.type != KeyType.EMBEDDING:
            request_indexing(actor=actor)
        hooks.on_key_restored(key)
        audit.record(actor=actor, action="schema.key_restored", target=key, data={"name": key.name})
    return key


def _locked(actor: Actor, key: MetadataKey) -> MetadataKey:
    return MetadataKey.objects.select_for_update().get(pk=key.pk, organisation=actor.organisation)


def _bury(actor: Actor, key: MetadataKey) -> None:
    """Its rows in the index of values go by the job, in batches."""
    key.deleted_at = timezone.now()
    mark_changed(key)
    key.save(update_fields=["deleted_at", *INDEX_FIELDS, "updated_at"])
    if key.type != KeyType.EMBEDDING:
        request_indexing(actor=actor)


def _insert(key: MetadataKey) -> None:
    """The unique constraint decides between two who add the same name at once."""
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        taken = MetadataKey.objects.get(organisation=key.organisation, name=key.name)
        raise _taken(taken) from None


def _taken(taken: MetadataKey) -> Conflict:
    name, extra = taken.name, {"key": taken.pk}
    if taken.erased:
        message = f"A key “{name}” was deleted for ever. Choose another name."
        error = FieldError("name", message, "key_erased", found=name)
        return Conflict(message, code="key_erased", errors=[error])
    if taken.deleted_at is not None:
        message = f"A deleted key is named “{name}”. Restore it, or choose another name."
        return Conflict(message, code="key_deleted", extra=extra)
    message = f"There is a key “{name}” already, of type {taken.type}."
    return Conflict(message, code="key_exists")
