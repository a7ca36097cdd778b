"""How django-allauth fits in: our brake on guessing, our pages, no way in without invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.models import User
from accounts.services.attempts import client_address, count_attempt, forgive
from core.sealing import seal, unseal

_PURPOSE = "kindred second factors"
# What a session names as its place when the server does not tell the caller's address.
NOWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound to it


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Decides for allauth's flows, those of two-factor and single sign-on included."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation (accounts.services.invitations) and no other way."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person whose password it is; counted before the password is looked at.

        Raises:
            TooManyAttempts: there were too many failures of late.
        """
        email = str(credentials.get("email", ""))
        attempt = count_attempt(request=request, email=email)
        user = authenticate(request, **credentials)
        if not isinstance(user, User):
            return None
        forgive(attempt)
        return user

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """Our views say what happened in their own words."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the session is noted with."""
        return client_address(request) or NOWHERE


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Keeps the secrets of second factors sealed."""

    def encrypt(self, text: str) -> str:
        """The secret as it is stored."""
        return seal(text, _PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret."""
        return unseal(encrypted_text, _PURPOSE)
