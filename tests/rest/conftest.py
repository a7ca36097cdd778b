"""Programs that call the API with tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import Membership, User
from accounts.services.tokens import create_token


class Program:
    """Calls below /api/v1/ with a token of its own."""

    def __init__(self, user: User) -> None:
        membership = Membership.objects.select_related("organisation").get(user=user)
        self.actor = Actor(user=user, organisation=membership.organisation)
        _, self.token = create_token(actor=self.actor, name="program", scope=TokenScope.WRITE)
        self.client = Client(headers={"Authorization": f"Bearer {self.token}"})

    def get(self, path: str, **headers: str) -> Any:
        """GET; names of headers with underscores."""
        return self.client.get(f"/api/v1/{path}", headers=_headers(headers))

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """POST of JSON."""
        return self.send("POST", path, body, **headers)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Any method, with JSON."""
        send: Callable[..., Any] = getattr(self.client, method.lower())
        return send(
            f"/api/v1/{path}", body, content_type="application/json", headers=_headers(headers)
        )


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


@pytest.fixture
def program() -> Callable[[User], Program]:
    """Makes the program of a person."""
    return Program
