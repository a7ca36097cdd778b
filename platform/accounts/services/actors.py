"""Finds who acts."""

from django.http import HttpRequest

from accounts.actor import Actor
from accounts.models import Membership, User

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
