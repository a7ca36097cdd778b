"""Subfolders by their paths."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from folders.models import Folder
from folders.services.folder_paths import MAX_PATHS, ensure_folders
from tests.factories import FolderFactory

ActorFor = Callable[[User], Actor]


def names_below(folder: Folder) -> list[str]:
    """The paths of all folders below, by names."""
    by_id: dict[UUID | None, Folder] = {row.pk: row for row in Folder.objects.below(folder)}

    def path(row: Folder) -> str:
        above = by_id.get(row.parent_id) if row.pk != folder.pk else None
        return f"{path(above)}/{row.name}" if above and above.pk != folder.pk else row.name

    return sorted(path(row) for row in by_id.values() if row.pk != folder.pk)


def test_paths__are_refused_to_viewers(birds: Folder, viewer: User, actor_for: ActorFor) -> None:
    with pytest.raises(NotAllowed):
        ensure_folders(actor=actor_for(viewer), folder=birds, paths=["Day"])

    assert names_below(birds) == []


def test_paths__are_made_where_they_lack(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)

    found = ensure_folders(actor=actor, folder=birds, paths=["Night", "Night/May", "Day/May/1"])
    again = ensure_folders(actor=actor, folder=birds, paths=["Day/May", "Night/May", "Night/May"])

    assert found["Night"] == night
    assert found["Night/May"].parent == night
    assert again["Night/May"] == found["Night/May"]
    assert again["Day/May"] == found["Day/May/1"].parent
    assert names_below(birds) == ["Day", "Day/May", "Day/May/1", "Night", "Night/May"]
    assert {folder.root for folder in found.values()} == {birds}


def test_paths__of_two_folders_of_one_name_the_older_is_taken(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor
) -> None:
    FolderFactory.create(parent=birds, name="Night")

    found = ensure_folders(actor=actor_for(editor), folder=birds, paths=["Night"])

    assert found["Night"] == night


@pytest.mark.parametrize("path", ["", "a//b", "/a", "..", "a/../b", "a/\x00", "x" * 301, "a/" * 60])
def test_paths__wrong_ones_make_nothing(
    birds: Folder, editor: User, actor_for: ActorFor, path: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ensure_folders(actor=actor_for(editor), folder=birds, paths=["fine", path])

    assert {error.path for error in refused.value.errors} == {"paths.1"}
    assert names_below(birds) == []


def test_paths__are_not_too_many(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    with pytest.raises(InvalidInput):
        ensure_folders(
            actor=actor_for(editor), folder=birds, paths=[f"p{n}" for n in range(MAX_PATHS + 1)]
        )


@pytest.mark.django_db(transaction=True)
def test_paths__asked_for_twice_at_once_are_made_once(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    def ensure(_: int) -> None:
        try:
            ensure_folders(actor=actor_for(editor), folder=birds, paths=["2026/May", "2026/June"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ensure, range(4)))

    assert names_below(birds) == ["2026", "2026/June", "2026/May"]
