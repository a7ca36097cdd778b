"""Policy of folders: who may do what, where."""

from uuid import UUID

from django.db.models import Exists, Q

from accounts.actor import Actor
from core.errors import NotAllowed, NotFound
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant, Import, Item, MetadataKey, Unit


def get_folder(actor: Actor, folder_id: UUID, role: FolderRole = FolderRole.VIEWER) -> Folder:
    """The folder, if the actor holds the role on it.

    Raises:
        NotFound: there is no such folder, or the actor may not see it.
        NotAllowed: the actor sees the folder but holds a weaker role.
    """
    folder = Folder.objects.visible_to(actor).filter(pk=folder_id).first()
    if folder is None:
        raise NotFound("There is no such folder, or you have no access to it.")
    require_role(actor, folder, role)
    return folder


def require_role(actor: Actor, folder: Folder, role: FolderRole) -> None:
    """Raise NotAllowed unless the actor holds the role on the folder."""
    if not has_role(actor, folder, role):
        raise NotAllowed(f"This takes the role “{role.label}” on the folder “{folder.name}”.")


def has_role(actor: Actor, folder: Folder, role: FolderRole) -> bool:
    """Whether the actor holds the role, or a stronger one, on the folder."""
    return Folder.objects.visible_to(actor, role).filter(pk=folder.pk).exists()


def sees_whole_root(actor: Actor, root: Folder) -> bool:
    """Whether every unit that names the root may be shown to the actor, without a further look.

    While folders of it are being removed, or units are on their way to another root, nobody does:
    all who read then look at the folder of each unit.
    """
    leaving = Folder.everything.filter(
        Q(root=root, deleted_at__isnull=False) | Q(moved_from=root.pk)
    )
    return Folder.objects.visible_to(actor).filter(~Exists(leaving), pk=root.pk).exists()


def get_root(actor: Actor, root_id: UUID, role: FolderRole = FolderRole.VIEWER) -> Folder:
    """The root folder, if the actor holds the role on it or on some folder below it.

    The Explorer, upgrades, maps and collections belong to a root; whoever sees only a part of it
    opens the root all the same, and gets that part.

    Raises:
        NotFound: there is no such root, or the actor sees nothing of it.
        NotAllowed: the actor sees some of it but holds a weaker role.
    """
    visible = Folder.objects.visible_to(actor).filter(root=root_id)
    root = Folder.objects.filter(pk=root_id, pk__in=visible.values("root")).first()
    if root is None:
        raise NotFound("There is no such folder, or you have no access to it.")
    # That he sees some of it is known.
    if role == FolderRole.VIEWER:
        return root
    if not Folder.objects.visible_to(actor, role).filter(root=root).exists():
        raise NotAllowed(f"This takes the role “{role.label}” in the folder “{root.name}”.")
    return root


def edits_schema(actor: Actor) -> bool:
    """Whether the actor may add to the schema.

    Whoever brings data in needs keys for it, so editing any folder suffices; taking keys away is
    for administrators of the organisation.
    """
    return (
        actor.is_organisation_admin or Folder.objects.visible_to(actor, FolderRole.EDITOR).exists()
    )


def require_schema_editor(actor: Actor) -> None:
    """Raise NotAllowed unless the actor may add to the schema."""
    if not edits_schema(actor):
        actor.require_organisation_admin()


def get_item(actor: Actor, item_id: UUID, role: FolderRole = FolderRole.VIEWER) -> Item:
    """The item with its folder, if the actor holds the role on the folder.

    Raises:
        NotFound: there is no such item, or the actor may not see it.
        NotAllowed: the actor sees the item but holds a weaker role.
    """
    item = Item.objects.visible_to(actor).select_related("folder").filter(pk=item_id).first()
    if item is None:
        raise NotFound("There is no such item, or you have no access to it.")
    if role != FolderRole.VIEWER:
        require_role(actor, item.folder, role)
    return item


def get_import(actor: Actor, import_id: UUID, role: FolderRole = FolderRole.VIEWER) -> Import:
    """The bulk import with its folder and job, if the actor holds the role on the folder.

    Raises:
        NotFound: there is no such import, or the actor may not see its folder.
        NotAllowed: the actor sees the import but holds a weaker role.
    """
    imports = Import.objects.visible_to(actor).select_related("folder", "job")
    row = imports.filter(pk=import_id).first()
    if row is None:
        raise NotFound("There is no such import, or you have no access to it.")
    if role != FolderRole.VIEWER:
        require_role(actor, row.folder, role)
    return row


def get_unit(actor: Actor, unit_id: int) -> Unit:
    """The unit with its item, if the actor may see it.

    Raises:
        NotFound: there is no such unit, or the actor may not see it.
    """
    unit = Unit.objects.visible_to(actor).select_related("item").filter(pk=unit_id).first()
    if unit is None:
        raise NotFound("There is no such unit, or you have no access to it.")
    return unit


def get_key(actor: Actor, key_id: int) -> MetadataKey:
    """The key of the metadata schema, deleted ones included.

    Raises:
        NotFound: the organisation has no such key.
    """
    key = MetadataKey.objects.visible_to(actor).filter(pk=key_id).first()
    if key is None:
        raise NotFound("There is no such key in the schema.")
    return key


def strongest_role(actor: Actor, folder: Folder) -> FolderRole | None:
    """The strongest role that the actor holds on the folder, from one query; None for none."""
    if actor.role is None or not actor.user.is_active:
        return None
    if folder.organisation_id != actor.organisation_id:
        return None
    if actor.is_organisation_admin:
        return FolderRole.ADMIN
    teams = actor.user.teams.filter(organisation=actor.organisation)
    ids = [UUID(part) for part in folder.path.strip("/").split("/")]
    grants = FolderGrant.objects.filter(Q(user=actor.user) | Q(team__in=teams), folder__in=ids)
    roles = [FolderRole(role) for role in grants.values_list("role", flat=True)]
    return max(roles, key=lambda role: role.rank, default=None)
