"""Policy of jobs: who may do what with them. Who sees them is the queryset's."""

from core.actors import ActorLike
from core.errors import NotAllowed
from core.models import Job


def require_cancel(actor: ActorLike, job: Job) -> None:
    """Raise NotAllowed unless the actor started the job or administers its organisation."""
    if job.actor_id != actor.user.pk and not actor.is_organisation_admin:
        raise NotAllowed("Only who started a job, or an administrator, may cancel it.")


def require_retry(actor: ActorLike, job: Job) -> None:
    """Raise NotAllowed unless the actor started the job or administers its organisation."""
    if job.actor_id != actor.user.pk and not actor.is_organisation_admin:
        raise NotAllowed("Only who started a job, or an administrator, may have it tried again.")
