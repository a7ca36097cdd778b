"""The folder tree as somebody sees it."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count

from accounts.actor import Actor
from folders.choices import FolderRole
from folders.models import Folder, Unit
from folders.querysets import granted_paths

# More siblings than this are found by opening their parent.
MAX_CHILDREN = 500
# Subfolders on a folder's page; more are found by the search.
MAX_SUBFOLDERS = 200


@dataclass(slots=True)
class TreeNode:
    """A folder in the tree; `units` counts those in it and below it that the person sees.

    Only nodes on the way to the folder that is shown have their children filled in.
    """

    folder: Folder
    units: int = 0
    is_open: bool = False
    children: list["TreeNode"] = field(default_factory=list)


def topmost_folders(actor: Actor) -> list[Folder]:
    """The visible folders that have no visible folder above them, by name."""
    visible = Folder.objects.visible_to(actor)
    if not actor.is_organisation_admin:
        paths = granted_paths(actor, FolderRole.VIEWER)
        return list(visible.filter(path__in=paths).order_by("name", "pk")[:MAX_CHILDREN])
    return list(visible.roots().order_by("name", "pk")[:MAX_CHILDREN])


def folder_tree(actor: Actor, shown: Folder | None = None) -> list[TreeNode]:
    """The topmost visible folders, opened along the way to the folder that is shown."""
    nodes = [TreeNode(folder) for folder in topmost_folders(actor)]
    everything = list(nodes)
    if shown is not None:
        everything += _open(actor, nodes, shown)
    _count_units(actor, everything)
    return nodes


def breadcrumbs(actor: Actor, folder: Folder) -> list[Folder]:
    """The visible folders from the topmost down to the folder itself."""
    ids = [UUID(part) for part in folder.path.strip("/").split("/")]
    above = Folder.objects.visible_to(actor).filter(pk__in=ids)
    return sorted(above, key=lambda crumb: len(crumb.path))


def _open(actor: Actor, nodes: list[TreeNode], shown: Folder) -> list[TreeNode]:
    """Fill in the children of all folders on the way; return the nodes that were added."""
    on_the_way = [UUID(part) for part in shown.path.strip("/").split("/")]
    children: dict[UUID | None, list[TreeNode]] = defaultdict(list)
    found = Folder.objects.visible_to(actor).filter(parent__in=on_the_way)
    for child in found.order_by("name", "pk")[: MAX_CHILDREN * len(on_the_way)]:
        children[child.parent_id].append(TreeNode(child))
    added = [node for siblings in children.values() for node in siblings]
    for node in [*nodes, *added]:
        node.is_open = node.folder.pk in on_the_way
        if node.is_open:
            node.children = children[node.folder.pk]
    return added


def _count_units(actor: Actor, nodes: list[TreeNode]) -> None:
    """Count by folder in one query, then add up along the paths."""
    roots = {node.folder.root_id for node in nodes}
    counts = (
        Unit.objects.visible_to(actor)
        .filter(root__in=roots)
        .values_list("folder__path")
        .annotate(Count("pk"))
    )
    by_path = list(counts)
    for node in nodes:
        node.units = sum(n for path, n in by_path if path.startswith(node.folder.path))


def subfolders(actor: Actor, folder: Folder, search: str = "") -> list[Folder]:
    """The folders directly below, by name."""
    below = Folder.objects.visible_to(actor).filter(parent=folder)
    named = below.filter(name__icontains=search) if search else below
    return list(named.order_by("name", "pk")[:MAX_SUBFOLDERS])
