"""The folder tree as somebody sees it."""

from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from accounts.actor import Actor
from folders.choices import FolderRole
from folders.counts import units_below
from folders.models import Folder
from folders.paging import KeysetPage, keyset_page
from folders.querysets import FolderQuerySet, granted_paths

# More siblings than this are listed, page by page, on the page of their parent.
MAX_CHILDREN = 200
SUBFOLDERS_PER_PAGE = 100


@dataclass(slots=True)
class TreeNode:
    """A folder in the tree; `units` counts those in it and below it that the person sees.

    Only nodes on the way to the folder that is shown have their children filled in; `has_more`
    says that these are not all.
    """

    folder: Folder
    units: int = 0
    is_open: bool = False
    has_more: bool = False
    children: list["TreeNode"] = field(default_factory=list)


def topmost_folders(actor: Actor) -> list[Folder]:
    """The visible folders that have no visible folder above them, by name."""
    return list(topmost(actor).order_by("name", "pk")[:MAX_CHILDREN])


def topmost(actor: Actor) -> FolderQuerySet:
    """The visible folders that have no visible folder above them."""
    visible = Folder.objects.visible_to(actor)
    if actor.is_organisation_admin:
        return visible.roots()
    return visible.filter(path__in=granted_paths(actor, FolderRole.VIEWER))


def folder_tree(actor: Actor, shown: Folder | None = None) -> list[TreeNode]:
    """The topmost visible folders, opened along the way to the folder that is shown."""
    nodes = [TreeNode(folder) for folder in topmost_folders(actor)]
    everything = list(nodes)
    if shown is not None:
        everything += _open(actor, nodes, shown)
    _count_units(everything)
    return nodes


def breadcrumbs(actor: Actor, folder: Folder) -> list[Folder]:
    """The visible folders from the topmost down to the folder itself."""
    ids = [UUID(part) for part in folder.path.strip("/").split("/")]
    above = Folder.objects.visible_to(actor).filter(pk__in=ids)
    return sorted(above, key=lambda crumb: len(crumb.path))


def _open(actor: Actor, nodes: list[TreeNode], shown: Folder) -> list[TreeNode]:
    """Fill in the children of all folders on the way; return the nodes that were added."""
    on_the_way = [UUID(part) for part in shown.path.strip("/").split("/")]
    ways = dict(pairwise(on_the_way))
    added: list[TreeNode] = []
    level = nodes
    while here := next((node for node in level if node.folder.pk in on_the_way), None):
        here.is_open = True
        level = _children(actor, here, ways.get(here.folder.pk))
        added += level
    return added


def _children(actor: Actor, node: TreeNode, wanted: UUID | None) -> list[TreeNode]:
    """Fill in the first children by name, and the one on the way wherever it stands."""
    below = Folder.objects.visible_to(actor).filter(parent=node.folder)
    found = list(below.order_by("name", "pk")[: MAX_CHILDREN + 1])
    node.has_more = len(found) > MAX_CHILDREN
    shown = found[:MAX_CHILDREN]
    if wanted is not None and all(child.pk != wanted for child in shown):
        shown += below.filter(pk=wanted)
    node.children = [TreeNode(child) for child in shown]
    return node.children


def _count_units(nodes: list[TreeNode]) -> None:
    counts = units_below([node.folder for node in nodes])
    for node in nodes:
        node.units = counts.get(node.folder.pk, 0)


def subfolders(
    actor: Actor, folder: Folder | None, search: str = "", cursor: str = ""
) -> KeysetPage[Folder]:
    """The folders directly below, by name; below None the topmost ones that the person sees.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    if folder is None:
        below = topmost(actor)
    else:
        below = Folder.objects.visible_to(actor).filter(parent=folder)
    named = below.filter(name__icontains=search) if search else below
    return keyset_page(named, order="name", cursor=cursor, limit=SUBFOLDERS_PER_PAGE)
