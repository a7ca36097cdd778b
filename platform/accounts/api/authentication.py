"""Who calls the API: a bearer token, or the session of a page."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication


class TokenAuthentication(BaseAuthentication):
    """Placeholder until tokens exist."""


class SessionAuthentication(DRFSessionAuthentication):
    """Django's session."""
