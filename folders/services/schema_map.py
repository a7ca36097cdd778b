"""Reads and saves the whole schema as a map, as the Encord SDK does.

A save is one transaction: all of it is carried out, or nothing, and every key that is wrong is
named. Saving what was read changes nothing.

What a map leaves out: in v2 such keys stay, since a deletion has a word of its own there, and two
people who save at once must not undo each other. In the legacy form leaving a key out is the only
way to delete it, so it becomes a tombstone that can be restored.
"""

from typing import Any

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, DomainError, FieldError, InvalidInput
from folders.choices import KeyType
from folders.metadata import schema_map
from folders.metadata.schema_map import Wanted
from folders.models import MetadataKey
from folders.permissions import require_schema_editor
from folders.services.schema import add_key, delete_key, edit_key, restore_key
from folders.services.schema_checks import may_become


def read_map(*, actor: Actor) -> dict[str, dict[str, Any]]:
    """The schema in the v2 form: every key and tombstone by name."""
    return schema_map.to_v2(list(MetadataKey.objects.visible_to(actor)))


def read_legacy_map(*, actor: Actor) -> dict[str, str]:
    """The live keys in the legacy form."""
    return schema_map.to_legacy(list(MetadataKey.objects.visible_to(actor)))


def save_map(*, actor: Actor, given: Any) -> None:
    """Make the schema what a v2 map says; keys that it leaves out stay as they are.

    Raises:
        InvalidInput: naming every key that is wrong, and why.
        NotAllowed: the actor may not make one of the changes.
    """
    with transaction.atomic():
        present = _present(actor)
        wanted, errors = schema_map.from_v2(given, present)
        _carry_out(actor, present, wanted, errors)


def save_legacy_map(*, actor: Actor, given: Any) -> None:
    """Make the live schema what a legacy map says; live keys that it leaves out are deleted.

    New embedding keys take the size of their first vector.

    Raises:
        InvalidInput: naming every key that is wrong, and why.
        NotAllowed: the actor may not make one of the changes.
    """
    with transaction.atomic():
        present = _present(actor)
        wanted, errors = schema_map.from_legacy(given, present)
        if not errors:
            for name, key in present.items():
                if key.deleted_at is None and name not in wanted:
                    delete_key(actor=actor, key=key)
        _carry_out(actor, present, wanted, errors)


def _present(actor: Actor) -> dict[str, MetadataKey]:
    """The keys by name, locked in the order of their ids, so that saves follow each other."""
    require_schema_editor(actor)
    keys = MetadataKey.objects.visible_to(actor).order_by("pk").select_for_update()
    return {key.name: key for key in keys}


def _carry_out(
    actor: Actor,
    present: dict[str, MetadataKey],
    wanted: dict[str, Wanted],
    errors: list[FieldError],
) -> None:
    for name, one in wanted.items():
        try:
            # A savepoint for each: a refusal may have begun to write.
            with transaction.atomic():
                _carry_out_one(actor, name, present.get(name), one)
        except (InvalidInput, Conflict) as error:
            errors += _errors_of(name, error)
    if errors:
        message = errors[0].message if len(errors) == 1 else ""
        raise InvalidInput(message, code="invalid_schema", errors=errors)


def _carry_out_one(actor: Actor, name: str, key: MetadataKey | None, wanted: Wanted) -> None:
    if key is None:
        key = _add(actor, name, wanted)
        if wanted.deleted:
            delete_key(actor=actor, key=key, hard=wanted.erased)
    elif wanted.deleted:
        # What is so already takes no administrator.
        if key.deleted_at is None or (wanted.erased and not key.erased):
            delete_key(actor=actor, key=key, hard=wanted.erased)
    elif not _is_so(key, wanted):
        _bring_to_life(actor, key, wanted)


def _add(actor: Actor, name: str, wanted: Wanted) -> MetadataKey:
    if wanted.type == KeyType.ENUM and wanted.values is None:
        message = "The legacy form has no place for the values of an enum; use the v2 form."
        raise InvalidInput(errors=[FieldError("values", message, "required")])
    return add_key(
        actor=actor,
        name=name,
        # Nothing is known of what an erased key was; nobody will ever see it.
        type=wanted.type or KeyType.TEXT,
        values=wanted.values,
        dimensions=wanted.dimensions,
    )


def _bring_to_life(actor: Actor, key: MetadataKey, wanted: Wanted) -> None:
    """The key is to be live, and of this type."""
    assert wanted.type is not None  # noqa: S101  (only tombstones have none)
    if key.deleted_at is not None:
        if not key.erased and not may_become(key.type, wanted.type):
            message = f"A deleted key “{key.name}” was of type {key.type}. Restore it as that."
            raise Conflict(message, code="type_is_fixed")
        key = restore_key(actor=actor, key=key)
    values = key.values if wanted.values is None else wanted.values
    edit_key(
        actor=actor,
        key=key,
        type=wanted.type,
        add_values=[value for value in values if value not in key.values],
        remove_values=[value for value in key.values if value not in values],
        dimensions=wanted.dimensions,
    )


def _is_so(key: MetadataKey, wanted: Wanted) -> bool:
    return (
        key.deleted_at is None
        and key.type == wanted.type
        and (wanted.values is None or sorted(wanted.values) == sorted(key.values))
        and (wanted.dimensions is None or wanted.dimensions == key.dimensions)
    )


def _errors_of(name: str, error: DomainError) -> list[FieldError]:
    """What is wrong, under the name of the key."""
    if not error.errors:
        return [FieldError(name, error.message, error.code)]
    return [
        FieldError(f"{name}.{one.path}", one.message, one.code, one.expected, one.found)
        for one in error.errors
    ]
