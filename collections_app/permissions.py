"""Policy of collections and presets: who sees them, who changes them."""

from dataclasses import dataclass
from uuid import UUID

from accounts.actor import Actor
from collections_app.models import Collection, Preset
from core.errors import NotAllowed, NotFound
from folders.choices import FolderRole
from folders.models import Folder
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
    """The preset, if it is his own or shared and the actor sees some part of its root folder, or
    it is his organisation's.

    Raises:
        NotFound: there is no such preset, or the actor may not see it.
    """
    seen = Preset.objects.visible_to(actor).select_related("root", "created_by")
    preset = seen.filter(pk=preset_id).first()
    if preset is None:
        raise NotFound("There is no such preset, or you have no access to it.")
    return preset


@dataclass(frozen=True, slots=True)
class PresetRights:
    """What the actor may do with presets of one root folder; asked for once for a whole list.

    Attributes:
        actor: who asks.
        edits: he edits some part of the root, and so may share presets of it.
        edits_all: he edits the whole of it, and so looks after what others share.
    """

    actor: Actor
    edits: bool
    edits_all: bool

    def may_change(self, preset: Preset) -> bool:
        """Whether he may change and delete it."""
        mine = preset.created_by_id == self.actor.user.pk
        return (mine and self.edits) or self.edits_all if preset.shared else mine


def preset_rights(actor: Actor, root: Folder) -> PresetRights:
    """The actor's rights on presets of a root folder of which he sees some part."""
    edits_all = has_role(actor, root, FolderRole.EDITOR)
    edited = Folder.objects.visible_to(actor, FolderRole.EDITOR).filter(root=root)
    return PresetRights(actor, edits_all or edited.exists(), edits_all)


def require_preset_owner(actor: Actor, preset: Preset) -> None:
    """Raise NotAllowed unless the preset is the actor's own; or it is shared, and he made it and
    may still edit its root folder, edits the whole of that, or administers the organisation.
    """
    if preset.root is None:
        allowed = actor.is_organisation_admin or preset.created_by_id == actor.user.pk
    else:
        allowed = preset_rights(actor, preset.root).may_change(preset)
    if not allowed:
        raise NotAllowed(
            f"Only who made “{preset.name}”, or an editor of the whole folder, may do this."
        )
