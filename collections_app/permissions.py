"""Policy of collections and presets: who sees them, who changes them."""

from uuid import UUID

from accounts.actor import Actor
from collections_app.models import Collection, Preset
from core.errors import NotAllowed, NotFound
from folders.choices import FolderRole
from folders.permissions import get_root, has_role


def get_collection(
    actor: Actor, collection_id: UUID, role: FolderRole = FolderRole.VIEWER
) -> Collection:
    """The collection, if the actor holds the role somewhere in its root folder.

    Raises:
        NotFound: there is no such collection, or the actor may not see it.
        NotAllowed: the actor sees it but holds a weaker role.
    """
    collection = (
        Collection.objects.visible_to(actor)
        .select_related("root", "created_by")
        .filter(pk=collection_id)
        .first()
    )
    if collection is None:
        raise NotFound("There is no such collection, or you have no access to it.")
    get_root(actor, collection.root_id, role)
    return collection


def require_owner(actor: Actor, collection: Collection) -> None:
    """Raise NotAllowed unless the actor made the collection or edits its whole root folder.

    Deleting and renaming touch what others see in parts of the root that the actor may not know.
    """
    if not is_owner(actor, collection):
        raise NotAllowed(
            f"Only who made “{collection.name}”, or an editor of the whole folder, may do this."
        )


def is_owner(actor: Actor, collection: Collection) -> bool:
    """Whether the actor made the collection and may still edit, or edits its whole root folder."""
    if has_role(actor, collection.root, FolderRole.EDITOR):
        return True
    mine = collection.created_by_id == actor.user.pk
    return mine and Collection.objects.visible_to(actor, FolderRole.EDITOR).contains(collection)


def get_preset(actor: Actor, preset_id: UUID) -> Preset:
    """The preset, if the actor sees some part of its root folder, or it is his organisation's.

    Raises:
        NotFound: there is no such preset, or the actor may not see it.
    """
    preset = Preset.objects.visible_to(actor).select_related("root").filter(pk=preset_id).first()
    if preset is None:
        raise NotFound("There is no such preset, or you have no access to it.")
    return preset


def require_preset_owner(actor: Actor, preset: Preset) -> None:
    """Raise NotAllowed unless the actor made the preset and may still edit its root folder, edits
    the whole of that, or administers the organisation.
    """
    if actor.is_organisation_admin:
        return
    if preset.root is None:
        allowed = preset.created_by_id == actor.user.pk
    else:
        mine = preset.created_by_id == actor.user.pk
        edited = Preset.objects.visible_to(actor, FolderRole.EDITOR).filter(pk=preset.pk)
        allowed = has_role(actor, preset.root, FolderRole.EDITOR) or (mine and edited.exists())
    if not allowed:
        raise NotAllowed(
            f"Only who made “{preset.name}”, or an editor of the whole folder, may do this."
        )
