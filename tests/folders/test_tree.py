"""The tree as different people see it."""

from collections.abc import Callable

from accounts.actor import Actor
from accounts.models import User
from folders.choices import FolderRole
from folders.models import Folder
from folders.tree import TreeNode, breadcrumbs, folder_tree, subfolders, topmost_folders
from tests.factories import FolderFactory, FolderGrantFactory, UnitFactory

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

    assert subfolders(actor_for(outsider), birds) == []
    assert subfolders(actor_for(viewer), birds) == [day, night]
    assert subfolders(actor_for(viewer), birds, "NIGHT") == [night]
    assert subfolders(actor_for(viewer), birds, "%") == []
