"""Makes, changes and deletes presets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from collections_app.models import Preset
from collections_app.permissions import preset_rights, require_preset_owner
from core.errors import Conflict, FieldError, InvalidInput, NotAllowed
from core.services import audit
from folders import filters
from folders.choices import FolderRole
from folders.constants import MAX_NAME_LENGTH
from folders.models import Folder
from folders.permissions import get_root

_NAME_CONSTRAINT = "preset_name_is_unique_among"
_MAX_DESCRIPTION = 10_000


@transaction.atomic
def create_preset(
    *,
    actor: Actor,
    root: Folder,
    name: str,
    filter_tree: dict[str, Any],
    description: str = "",
    shared: bool = True,
) -> Preset:
    """Save a filter of a root folder under a name.

    Args:
        actor: sees some part of the root; edits some part of it, to share.
        root: a root folder.
        name: unlike those of the other shared presets of the root, or of the actor's own.
        filter_tree: of the filter grammar.
        description: more words.
        shared: for whoever sees some part of the root; else for the actor alone.

    Raises:
        NotAllowed: the actor edits no part of the root, and would share.
        InvalidInput, Conflict: the filter is wrong; the name is empty, too long, or taken.
    """
    get_root(actor, root.pk, FolderRole.EDITOR if shared else FolderRole.VIEWER)
    preset = Preset(root=root, filter=filters.parse(filter_tree).to_json(), shared=shared)
    return _insert(actor, preset, name, description)


@transaction.atomic
def keep_preset(
    *, actor: Actor, name: str, definition: dict[str, Any], description: str = ""
) -> Preset:
    """Keep a filter as Encord writes it, unread and unchanged, for the whole organisation.

    Raises:
        NotAllowed: the actor edits no folder.
        InvalidInput: the name is empty or too long.
    """
    edits = Folder.objects.visible_to(actor, FolderRole.EDITOR).exists()
    if not edits and not actor.is_organisation_admin:
        raise NotAllowed("This takes the role “Editor” on some folder.")
    preset = Preset(organisation=actor.organisation, definition=definition)
    return _insert(actor, preset, name, description)


@transaction.atomic
def update_preset(
    *,
    actor: Actor,
    preset: Preset,
    name: str | None = None,
    description: str | None = None,
    filter_tree: dict[str, Any] | None = None,
    definition: dict[str, Any] | None = None,
    shared: bool | None = None,
) -> Preset:
    """Change a preset; None leaves a part as it is.

    Args:
        actor: made it, or edits its whole root folder (administers the organisation) if it is
            shared.
        preset: is changed.
        name, description: new ones.
        filter_tree: of a root folder's preset.
        definition: of the organisation's.
        shared: whether others see it; of a root folder's preset.

    Raises:
        NotAllowed: the actor is not its owner; he would share and edits no part of the root, or
            would keep to himself what somebody else made.
        InvalidInput, Conflict: see create_preset.
    """
    require_preset_owner(actor, preset)
    changed = ["updated_at"]
    if name is not None:
        preset.name = _clean_name(name)
        changed.append("name")
    if description is not None:
        preset.description = _clean_description(description)
        changed.append("description")
    if filter_tree is not None and preset.root_id is not None:
        preset.filter = filters.parse(filter_tree).to_json()
        changed.append("filter")
    if definition is not None and preset.root_id is None:
        preset.definition = definition
        changed.append("definition")
    if shared is not None and preset.root is not None and shared != preset.shared:
        _require_sharing(actor, preset)
        preset.shared = shared
        changed.append("shared")
    with _unless_taken(preset.name):
        preset.save(update_fields=changed)
    data = {"name": preset.name, "changed": changed[1:]}
    audit.record(actor=actor, action="preset.updated", target=preset, data=data)
    return preset


@transaction.atomic
def delete_preset(*, actor: Actor, preset: Preset) -> None:
    """Delete a preset; collections that it filled stay.

    Raises:
        NotAllowed: the actor is not its owner.
    """
    require_preset_owner(actor, preset)
    audit.record(actor=actor, action="preset.deleted", target=preset, data={"name": preset.name})
    preset.delete()


def _insert(actor: Actor, preset: Preset, name: str, description: str) -> Preset:
    preset.name, preset.description = _clean_name(name), _clean_description(description)
    preset.created_by = actor.user
    with _unless_taken(preset.name):
        preset.save(force_insert=True)
    audit.record(actor=actor, action="preset.created", target=preset, data={"name": preset.name})
    return preset


def _require_sharing(actor: Actor, preset: Preset) -> None:
    """Raise NotAllowed unless the actor may share the preset, or take it back."""
    assert preset.root is not None  # noqa: S101  (the caller looked)
    if preset.shared and preset.created_by_id != actor.user.pk:
        raise NotAllowed(f"Only who made “{preset.name}” may keep it to himself.")
    if not preset.shared and not preset_rights(actor, preset.root).edits:
        raise NotAllowed("To share presets takes the role “Editor” on some part of the folder.")


def _clean_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH or "\x00" in name:
        message = f"Give a name of 1 to {MAX_NAME_LENGTH} characters."
        raise InvalidInput(message, errors=[FieldError("name", message, found=name[:80])])
    return name


def _clean_description(text: str) -> str:
    if len(text) > _MAX_DESCRIPTION or "\x00" in text:
        message = f"A description has at most {_MAX_DESCRIPTION:,} characters, none of them NUL."
        raise InvalidInput(message, errors=[FieldError("description", message)])
    return text.strip()


@contextmanager
def _unless_taken(name: str) -> Iterator[None]:
    """Raise Conflict when the root has another preset of the name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if _NAME_CONSTRAINT not in str(error):
            raise
        message = f"A preset named “{name}” exists already. Choose another name."
        raise Conflict(message, code="name_taken", errors=[FieldError("name", message)]) from None
