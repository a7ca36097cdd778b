"""What a call may do before any object is looked at."""

from rest_framework.permissions import BasePermission


class ActorPermission(BasePermission):
    """Placeholder until tokens exist."""
