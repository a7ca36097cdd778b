"""Presets: of root folders, and those that are kept as Encord writes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Preset
from collections_app.permissions import get_preset
from collections_app.services.presets import (
    create_preset,
    delete_preset,
    keep_preset,
    update_preset,
)
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from folders.models import Folder

ActorFor = Callable[[User], Actor]
LARGE: dict[str, Any] = {"field": "width", "op": "gte", "value": 100}
DEFINITION = {
    "local_filters": {},
    "global_filters": {"filters": [{"type": "unheard-of", "values": [1, None]}]},
}


def test_preset__of_a_root_takes_its_editor(
    birds: Folder, viewer: User, editor: User, outsider: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        create_preset(actor=actor_for(viewer), root=birds, name="Large", filter_tree=LARGE)
    with pytest.raises(NotFound):
        create_preset(actor=actor_for(outsider), root=birds, name="Large", filter_tree=LARGE)
    actor = actor_for(editor)
    with pytest.raises(InvalidInput):
        create_preset(actor=actor, root=birds, name="Large", filter_tree={"field": "x"})

    preset = create_preset(actor=actor, root=birds, name=" Large ", filter_tree=LARGE)

    assert (preset.name, preset.filter, preset.organisation) == ("Large", LARGE, None)
    with pytest.raises(Conflict):
        create_preset(actor=actor, root=birds, name="LARGE", filter_tree=LARGE)
    assert get_preset(actor_for(viewer), preset.pk) == preset
    with pytest.raises(NotFound):
        get_preset(actor_for(outsider), preset.pk)
    for change in (update_preset, delete_preset):
        with pytest.raises(NotAllowed):
            change(actor=actor_for(viewer), preset=preset)


def test_preset__kept_as_it_came_is_of_the_organisation(
    birds: Folder,
    member: User,
    viewer: User,
    editor: User,
    admin: User,
    outsider: User,
    actor_for: ActorFor,
) -> None:
    with pytest.raises(NotAllowed):
        keep_preset(actor=actor_for(viewer), name="Theirs", definition=DEFINITION)

    preset = keep_preset(actor=actor_for(editor), name="Theirs", definition=DEFINITION)

    preset.refresh_from_db()
    assert (preset.definition, preset.root, preset.filter) == (DEFINITION, None, None)
    assert get_preset(actor_for(member), preset.pk) == preset
    with pytest.raises(NotFound):
        get_preset(actor_for(outsider), preset.pk)
    with pytest.raises(NotAllowed):
        update_preset(actor=actor_for(viewer), preset=preset, name="Mine")

    changed: dict[str, Any] = {"local_filters": {}, "global_filters": {"filters": []}}
    update_preset(actor=actor_for(editor), preset=preset, name="Ours", definition=changed)
    preset.refresh_from_db()
    assert (preset.name, preset.definition) == ("Ours", changed)
    delete_preset(actor=actor_for(admin), preset=preset)
    assert not Preset.objects.exists()


def test_preset__is_of_a_root_or_of_an_organisation(birds: Folder) -> None:
    for columns in (
        {"root": birds},
        {"organisation": birds.organisation},
        {"root": birds, "organisation": birds.organisation, "filter": LARGE},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Preset.objects.create(name="x", **columns)
