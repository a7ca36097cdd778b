"""Presets: of root folders, and those that are kept as Encord writes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Preset
from collections_app.permissions import get_preset
from collections_app.services.ownership import PRESETS
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


def test_preset__of_ones_own_is_nobody_elses_business(
    birds: Folder,
    viewer: User,
    editor: User,
    folder_admin: User,
    admin: User,
    outsider: User,
    actor_for: ActorFor,
) -> None:
    with pytest.raises(NotFound):
        create_preset(
            actor=actor_for(outsider), root=birds, name="Mine", filter_tree=LARGE, shared=False
        )

    mine = create_preset(
        actor=actor_for(viewer), root=birds, name="Mine", filter_tree=LARGE, shared=False
    )

    assert get_preset(actor_for(viewer), mine.pk) == mine
    for other in (editor, folder_admin, admin, outsider):
        assert mine not in Preset.objects.visible_to(actor_for(other))
        with pytest.raises(NotAllowed):
            delete_preset(actor=actor_for(other), preset=mine)
    # Nobody learns of a name that somebody gave to his own.
    create_preset(actor=actor_for(editor), root=birds, name="mine", filter_tree=LARGE)
    create_preset(actor=actor_for(editor), root=birds, name="mine", filter_tree=LARGE, shared=False)
    with pytest.raises(Conflict):
        create_preset(
            actor=actor_for(viewer), root=birds, name="MINE", filter_tree=LARGE, shared=False
        )
    update_preset(actor=actor_for(viewer), preset=mine, name="Still mine")
    delete_preset(actor=actor_for(viewer), preset=mine)
    assert not Preset.objects.filter(created_by=viewer).exists()


def test_preset__is_shared_and_taken_back(
    birds: Folder, viewer: User, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    seen = create_preset(
        actor=actor_for(viewer), root=birds, name="Seen", filter_tree=LARGE, shared=False
    )
    with pytest.raises(NotAllowed):
        update_preset(actor=actor_for(viewer), preset=seen, shared=True)
    own = create_preset(
        actor=actor_for(editor), root=birds, name="Own", filter_tree=LARGE, shared=False
    )

    update_preset(actor=actor_for(editor), preset=own, shared=True)

    assert get_preset(actor_for(viewer), own.pk).shared
    # An editor of the whole folder looks after it, but does not take it away from everybody.
    update_preset(actor=actor_for(folder_admin), preset=own, name="Ours")
    with pytest.raises(NotAllowed):
        update_preset(actor=actor_for(folder_admin), preset=own, shared=False)
    update_preset(actor=actor_for(editor), preset=own, shared=False)
    with pytest.raises(NotFound):
        get_preset(actor_for(viewer), own.pk)


def test_preset__of_the_organisation_is_shared(birds: Folder) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Preset.objects.create(
            organisation=birds.organisation, definition=DEFINITION, name="x", shared=False
        )


def test_preset__goes_to_an_heir_also_when_it_was_not_shared(
    birds: Folder, viewer: User, editor: User, actor_for: ActorFor
) -> None:
    for user in (viewer, editor):
        create_preset(
            actor=actor_for(user), root=birds, name="Large", filter_tree=LARGE, shared=False
        )

    PRESETS.hand_over(birds.organisation, viewer, editor)

    names = Preset.objects.visible_to(actor_for(editor)).values_list("name", flat=True)
    assert set(names) == {"Large", "Large (Viewer)"}
