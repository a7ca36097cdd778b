"""Reads of the integrations app; each starts from what the actor may see."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.actor import Actor
    from integrations.models import Integration


class IntegrationQuerySet(models.QuerySet["Integration"]):
    """Integrations."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the actor's organisation; their secrets are shown to nobody."""
        if actor.role is None:
            return self.none()
        return self.filter(organisation=actor.organisation)
