"""Reads of the kernel; each starts from what the actor may see."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from core.actors import ActorLike

if TYPE_CHECKING:
    from core.models import AuditEvent, Job

_ACTIVE = ("queued", "running")


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs."""

    def visible_to(self, actor: ActorLike) -> Self:
        """Jobs that the person started, that work on what he sees, or all for administrators."""
        from core.jobs.visibility import visible_jobs

        here = self.filter(organisation_id=actor.organisation_id)
        if actor.is_organisation_admin:
            return here
        return here.filter(Q(actor_id=actor.user.pk) | visible_jobs(actor))

    def active(self) -> Self:
        """Jobs that are still to end."""
        return self.filter(state__in=_ACTIVE)


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Audit events."""

    def visible_to(self, actor: ActorLike) -> Self:
        """Events of the organisation, for its administrators only."""
        if not actor.is_organisation_admin:
            return self.none()
        return self.filter(organisation_id=actor.organisation_id)
