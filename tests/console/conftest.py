"""An operator of the server, who belongs to no organisation of the cast."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import UserFactory


@pytest.fixture
def operator(db: None) -> User:
    """May do everything on the server."""
    return UserFactory.create(
        email="operator@example.org", name="Operator", is_staff=True, is_superuser=True
    )


@pytest.fixture
def console(operator: User) -> Client:
    """The operator's browser."""
    client = Client()
    client.force_login(operator)
    return client
