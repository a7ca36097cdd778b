"""The record of who did what."""

from typing import Any
from uuid import UUID

from django.db.models import Model

from core.actors import ActorLike
from core.models import AuditEvent


def record(
    *, actor: ActorLike, action: str, target: Model, data: dict[str, Any] | None = None
) -> AuditEvent:
    """Write an audit event; call it in the transaction of the write itself.

    Args:
        actor: who acts, and for which organisation.
        action: the stable verb, e.g. "folder.created".
        target: the row that was written; may be deleted already, as long as it has its id.
        data: what somebody who reads the record later wants to know; no secrets.
    """
    return _create(actor.organisation_id, actor.user, action, target, data)


def record_of_server(
    *, operator: Model, action: str, target: Model, data: dict[str, Any] | None = None
) -> AuditEvent:
    """As `record`, for what an operator does to somebody of no organisation."""
    return _create(None, operator, action, target, data)


def _create(
    organisation_id: UUID | None,
    user: Any,
    action: str,
    target: Model,
    data: dict[str, Any] | None,
) -> AuditEvent:
    return AuditEvent.objects.create(
        organisation_id=organisation_id,
        actor=user,
        action=action,
        target_type=target._meta.model_name or "",
        target_id=str(target.pk),
        data=data or {},
    )
