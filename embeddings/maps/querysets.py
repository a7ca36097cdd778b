"""Reads of maps; each starts from what the actor may see."""

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.actor import Actor
from embeddings.choices import ReductionState
from folders.models import Folder

if TYPE_CHECKING:
    from embeddings.models import Reduction


class ReductionQuerySet(models.QuerySet["Reduction"]):
    """Maps, with key, root and job at hand."""

    def visible_to(self, actor: Actor) -> Self:
        """Maps of live keys in root folders of which the actor sees at least a part."""
        roots = Folder.objects.visible_to(actor).values("root")
        return self.filter(root__in=roots, key__deleted_at=None).select_related(
            "key", "root", "job"
        )

    def ready(self) -> Self:
        """Maps that can be shown."""
        return self.filter(state=ReductionState.READY)

    def newest_first(self) -> Self:
        """By falling version."""
        return self.order_by("-version")
