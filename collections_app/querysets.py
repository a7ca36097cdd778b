"""Reads of the collections app; each starts from what the actor may see."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from folders.choices import FolderRole
from folders.models import Folder, Unit

if TYPE_CHECKING:
    from collections_app.models import Collection, Preset


class CollectionQuerySet(models.QuerySet["Collection"]):
    """Collections."""

    def visible_to(self, actor: Actor, role: FolderRole = FolderRole.VIEWER) -> Self:
        """Collections of roots of which the actor may see some part.

        Whoever sees a part of a root sees the collection's name and those of its units that lie
        in that part; count them with `Unit.objects.visible_to`.
        """
        roots = Folder.objects.visible_to(actor, role).values("root")
        return self.filter(root__in=roots)

    def with_unit_counts(self, actor: Actor) -> Self:
        """Each with `unit_count`: how many of its units the actor sees."""
        from collections_app.models import CollectionUnit

        seen = Unit.objects.visible_to(actor).filter(root=OuterRef(OuterRef("root")))
        members = CollectionUnit.objects.filter(collection=OuterRef("pk"), unit__in=seen)
        counts = members.order_by().values("collection").annotate(n=Count("unit")).values("n")
        return self.annotate(unit_count=Coalesce(Subquery(counts), 0))


class PresetQuerySet(models.QuerySet["Preset"]):
    """Presets."""

    def visible_to(self, actor: Actor, role: FolderRole = FolderRole.VIEWER) -> Self:
        """Presets of roots of which the actor may see some part, his own and those that are
        shared, and those of his organisation.
        """
        roots = Folder.objects.visible_to(actor, role).values("root")
        if actor.role is None or not actor.user.is_active:
            return self.none()
        mine = Q(shared=True) | Q(created_by=actor.user)
        return self.filter((Q(root__in=roots) & mine) | Q(organisation=actor.organisation))


def visible_units(actor: Actor, collection: "Collection") -> "models.QuerySet[Unit]":
    """Units of the collection that the actor may see; those that left its root do not count."""
    seen = Unit.objects.visible_to(actor).filter(root=collection.root_id)
    return seen.filter(collection_members__collection=collection)
