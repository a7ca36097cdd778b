"""Policy of integrations: members see names and use them, administrators keep them."""

from uuid import UUID

from accounts.actor import Actor
from core.errors import NotFound
from integrations.models import Integration


def get_integration(actor: Actor, integration_id: UUID) -> Integration:
    """The integration, if it is of the actor's organisation.

    Raises:
        NotFound: there is none of this id, or it is another organisation's.
    """
    found = Integration.objects.visible_to(actor).filter(pk=integration_id).first()
    if found is None:
        raise NotFound("There is no such integration.")
    return found
