"""Reads of the folders app; each starts from what the actor may see."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from accounts.actor import Actor
from folders.choices import FolderRole, ItemState, KeyType

if TYPE_CHECKING:
    from folders.models import Folder, Import, Item, MetadataKey, Unit, Upload


class FolderQuerySet(models.QuerySet["Folder"]):
    """Folders."""

    def visible_to(self, actor: Actor, role: FolderRole = FolderRole.VIEWER) -> Self:
        """Folders on which the actor holds the role or a stronger one, directly or from above.

        An administrator of the organisation holds every role on every folder of it.
        """
        here = self.filter(organisation=actor.organisation)
        if actor.role is None or not actor.user.is_active:
            return here.none()
        if actor.is_organisation_admin:
            return here
        paths = granted_paths(actor, role)
        if not paths:
            return here.none()
        # One prefix per grant: the path index serves each, and a person has few grants.
        return here.filter(Q(*[Q(path__startswith=path) for path in paths], _connector=Q.OR))

    def roots(self) -> Self:
        """Folders without a parent."""
        return self.filter(parent=None)

    def below(self, folder: "Folder") -> Self:
        """The folder itself and all its descendants."""
        return self.filter(path__startswith=folder.path)


FolderManager = models.Manager.from_queryset(FolderQuerySet)


class LiveFolderManager(FolderManager["Folder"]):
    """Folders that are not deleted: what every read and every write but the removal starts from."""

    def get_queryset(self) -> FolderQuerySet:
        """Without those that a job is removing."""
        return FolderQuerySet(self.model, using=self._db).filter(deleted_at=None)


class ItemQuerySet(models.QuerySet["Item"]):
    """Items."""

    def visible_to(self, actor: Actor, role: FolderRole = FolderRole.VIEWER) -> Self:
        """Items in folders on which the actor holds the role."""
        from folders.models import Folder

        folders = Folder.objects.visible_to(actor, role)
        return self.filter(organisation=actor.organisation, folder__in=folders)

    def ready(self) -> Self:
        """Items whose media has been read."""
        return self.filter(state=ItemState.READY)


class UnitQuerySet(models.QuerySet["Unit"]):
    """Units."""

    def visible_to(self, actor: Actor, role: FolderRole = FolderRole.VIEWER) -> Self:
        """Units in folders on which the actor holds the role."""
        from folders.models import Folder

        return self.filter(folder__in=Folder.objects.visible_to(actor, role))


class ImportQuerySet(models.QuerySet["Import"]):
    """Bulk imports."""

    def visible_to(self, actor: Actor, role: FolderRole = FolderRole.VIEWER) -> Self:
        """Imports into folders on which the actor holds the role."""
        from folders.models import Folder

        folders = Folder.objects.visible_to(actor, role)
        return self.filter(organisation=actor.organisation, folder__in=folders)


class UploadQuerySet(models.QuerySet["Upload"]):
    """Files on their way in."""

    def visible_to(self, actor: Actor) -> Self:
        """Uploads that the actor has begun himself; nobody else may go on with them."""
        if actor.role is None or not actor.user.is_active:
            return self.none()
        return self.filter(organisation=actor.organisation, user=actor.user)


class MetadataKeyQuerySet(models.QuerySet["MetadataKey"]):
    """Keys of the metadata schema."""

    def visible_to(self, actor: Actor) -> Self:
        """Keys of the actor's organisation: every member sees the whole schema."""
        if actor.role is None or not actor.user.is_active:
            return self.none()
        return self.filter(organisation=actor.organisation)

    def live(self) -> Self:
        """Keys that are not deleted."""
        return self.filter(deleted_at=None)

    def embeddings(self) -> Self:
        """Keys of type embedding."""
        return self.filter(type=KeyType.EMBEDDING)


def granted_paths(actor: Actor, role: FolderRole) -> list[str]:
    """Paths of the topmost folders on which the person or a team of his holds the role."""
    from folders.models import FolderGrant

    teams = actor.user.teams.filter(organisation=actor.organisation)
    paths = (
        FolderGrant.objects.filter(
            Q(user=actor.user) | Q(team__in=teams),
            role__in=[held for held in FolderRole if held.includes(role)],
            folder__organisation=actor.organisation,
        )
        .order_by("folder__path")
        .values_list("folder__path", flat=True)
        .distinct()
    )
    topmost: list[str] = []
    for path in paths:
        # Sorted, so that whatever lies below a path follows it.
        if not topmost or not path.startswith(topmost[-1]):
            topmost.append(path)
    return topmost
