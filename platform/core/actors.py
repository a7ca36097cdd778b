"""What the kernel needs to know of whoever acts; accounts.actor.Actor is the real thing."""

from typing import Any, Protocol
from uuid import UUID

from django.http import HttpRequest

from core.errors import NotSignedIn


class ActorLike(Protocol):
    """A person acting for one organisation."""

    @property
    def user(self) -> Any:
        """The person (accounts.models.User)."""

    @property
    def organisation_id(self) -> UUID:
        """The organisation that he acts for."""

    @property
    def is_organisation_admin(self) -> bool:
        """Whether he administers it."""


def request_actor(request: HttpRequest) -> ActorLike:
    """The actor that the API's permission class found for this request.

    Raises:
        NotSignedIn: there is none.
    """
    actor: ActorLike | None = getattr(request, "actor", None)
    if actor is None:
        raise NotSignedIn
    return actor
