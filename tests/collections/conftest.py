"""Collections to test with."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection
from collections_app.services.collections import create_collection
from folders.models import Folder, Unit
from tests.factories import UnitFactory


@pytest.fixture
def birds_units(birds: Folder, night: Folder) -> list[Unit]:
    """Five units: three in Birds itself, two in Night."""
    names = [("robin.png", birds), ("wren.png", birds), ("gull.png", birds)]
    names += [("owl.png", night), ("nightjar.png", night)]
    return [UnitFactory.create(item__folder=folder, item__name=name) for name, folder in names]


@pytest.fixture
def singers(birds: Folder, editor: User, actor_for: Callable[[User], Actor]) -> Collection:
    """An empty collection of Birds that the editor made."""
    return create_collection(actor=actor_for(editor), root=birds, name="Singers")
