"""Finds who acts."""

from uuid import UUID

from django.http import HttpRequest

from accounts.actor import Actor
from accounts.models import Membership, SSHKey, User
from core.errors import NotFound, NotSignedIn

SESSION_KEY = "organisation"


def session_actor(request: HttpRequest) -> Actor | None:
    """The signed-in person and the organisation he works in: the chosen one, else his first."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    memberships = Membership.objects.filter(user=user).select_related("organisation")
    chosen = request.session.get(SESSION_KEY)
    membership = memberships.filter(organisation=chosen).first() if chosen else None
    membership = membership or memberships.order_by("created_at", "pk").first()
    if membership is None:
        return None
    return Actor(user=user, organisation=membership.organisation)


def key_actor(key: SSHKey) -> Actor | None:
    """The owner of an SSH key in the key's organisation; None when he has left it."""
    memberships = Membership.objects.filter(user=key.user).select_related("organisation")
    if key.organisation_id is not None:
        memberships = memberships.filter(organisation=key.organisation_id)
    membership = memberships.order_by("created_at", "pk").first()
    if membership is None or not key.user.is_active:
        return None
    return Actor(user=key.user, organisation=membership.organisation)


def switch_organisation(*, request: HttpRequest, organisation_id: str) -> Actor:
    """Let the person of the session work in another of his organisations from now on.

    Raises:
        NotSignedIn: nobody is signed in.
        NotFound: there is no such organisation, or he does not belong to it.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        raise NotSignedIn
    try:
        chosen = UUID(organisation_id)
    except ValueError as error:
        raise NotFound from error
    membership = (
        Membership.objects.filter(user=user, organisation=chosen)
        .select_related("organisation")
        .first()
    )
    if membership is None:
        raise NotFound
    request.session[SESSION_KEY] = str(chosen)
    return Actor(user=user, organisation=membership.organisation)
