"""The tree as different people see it."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from folders import tree
from folders.choices import FolderRole
from folders.finding import find_by_name
from folders.models import Folder
from folders.tree import TreeNode, breadcrumbs, folder_tree, subfolders, topmost_folders
from tests.factories import FolderFactory, FolderGrantFactory, ItemFactory, UnitFactory

ActorFor = Callable[[User], Actor]


def shape(nodes: list[TreeNode]) -> list[object]:
    """(name, units, children) of each node."""
    return [(node.folder.name, node.units, shape(node.children)) for node in nodes]


def test_topmost_folders__start_where_each_persons_grants_do(
    birds: Folder,
    night: Folder,
    boats: Folder,
    admin: User,
    viewer: User,
    night_viewer: User,
    member: User,
    outsider: User,
    actor_for: ActorFor,
) -> None:
    assert topmost_folders(actor_for(outsider)) == []
    assert topmost_folders(actor_for(member)) == []
    assert topmost_folders(actor_for(night_viewer)) == [night]
    assert topmost_folders(actor_for(viewer)) == [birds]
    assert topmost_folders(actor_for(admin)) == [birds, boats]


def test_topmost_folders__grant_below_another_is_listed_once(
    birds: Folder, night: Folder, viewer: User, actor_for: ActorFor
) -> None:
    FolderGrantFactory.create(folder=night, user=viewer, role=FolderRole.EDITOR)

    assert topmost_folders(actor_for(viewer)) == [birds]


def test_folder_tree__is_open_on_the_way_and_counts_all_below(
    birds: Folder, night: Folder, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    owls = FolderFactory.create(parent=night, name="Owls")
    FolderFactory.create(parent=birds, name="Day")
    FolderFactory.create(parent=boats, name="Sails")
    UnitFactory.create(item__folder=birds)
    UnitFactory.create_batch(2, item__folder=owls)

    closed = folder_tree(actor_for(admin))
    opened = folder_tree(actor_for(admin), night)

    assert shape(closed) == [("Birds", 3, []), ("Boats", 0, [])]
    assert shape(opened) == [
        ("Birds", 3, [("Day", 0, []), ("Night", 2, [("Owls", 2, [])])]),
        ("Boats", 0, []),
    ]
    assert [node.is_open for node in opened] == [True, False]


def test_folder_tree__begins_below_what_is_not_granted(
    birds: Folder, night: Folder, night_viewer: User, actor_for: ActorFor
) -> None:
    FolderFactory.create(parent=birds, name="Day")
    UnitFactory.create(item__folder=birds)
    UnitFactory.create(item__folder=night)

    assert shape(folder_tree(actor_for(night_viewer), night)) == [("Night", 1, [])]


def test_breadcrumbs__name_only_visible_folders_from_the_top(
    birds: Folder,
    night: Folder,
    viewer: User,
    night_viewer: User,
    outsider: User,
    actor_for: ActorFor,
) -> None:
    owls = FolderFactory.create(parent=night, name="Owls")

    assert breadcrumbs(actor_for(outsider), owls) == []
    assert breadcrumbs(actor_for(night_viewer), owls) == [night, owls]
    assert breadcrumbs(actor_for(viewer), owls) == [birds, night, owls]


def test_subfolders__are_direct_named_and_visible(
    birds: Folder, night: Folder, viewer: User, outsider: User, actor_for: ActorFor
) -> None:
    day = FolderFactory.create(parent=birds, name="Day")
    FolderFactory.create(parent=night, name="Nightjars")

    assert subfolders(actor_for(outsider), birds).rows == []
    assert subfolders(actor_for(viewer), birds).rows == [day, night]
    assert subfolders(actor_for(viewer), birds, "NIGHT").rows == [night]
    assert subfolders(actor_for(viewer), birds, "%").rows == []
    assert subfolders(actor_for(viewer), None).rows == [birds]


def test_subfolders__come_page_by_page(
    birds: Folder, viewer: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "SUBFOLDERS_PER_PAGE", 2)
    day, noon, owls = (FolderFactory.create(parent=birds, name=n) for n in ("Day", "Noon", "Owls"))

    first = subfolders(actor_for(viewer), birds)
    second = subfolders(actor_for(viewer), birds, cursor=first.next_cursor)

    assert (first.rows, second.rows, second.next_cursor) == ([day, noon], [owls], "")


def test_folder_tree__of_many_siblings_shows_the_first_and_the_one_on_the_way(
    birds: Folder, admin: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MAX_CHILDREN", 2)
    for name in "abc":
        FolderFactory.create(parent=birds, name=name)
    last = FolderFactory.create(parent=birds, name="z")
    FolderFactory.create(parent=last, name="below")

    (root,) = folder_tree(actor_for(admin), last)

    assert [child.folder.name for child in root.children] == ["a", "b", "z"]
    assert root.has_more
    assert [child.folder.name for child in root.children[2].children] == ["below"]


def test_find_by_name__what_one_sees(
    birds: Folder, night: Folder, boats: Folder, viewer: User, outsider: User, actor_for: ActorFor
) -> None:
    owl = ItemFactory.create(folder=night, name="Owl 100%.png")
    ItemFactory.create(folder=night, name="tawny owl.png")
    ItemFactory.create(folder=boats, name="owl on deck.png")

    assert find_by_name(actor_for(outsider), "owl").items == []
    assert find_by_name(actor_for(viewer), "OWL").items == [owl]
    assert find_by_name(actor_for(viewer), "owl 100%").items == [owl]
    assert find_by_name(actor_for(viewer), "owl%").items == []
    assert find_by_name(actor_for(viewer), "igh").folders == [night]
    assert find_by_name(actor_for(viewer), "boat").folders == []
    assert find_by_name(actor_for(viewer), "").folders == []
