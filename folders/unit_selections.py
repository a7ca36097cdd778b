"""Units of one root folder that somebody has selected, wherever in it they lie."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from core.errors import NotAllowed
from folders.choices import FolderRole, UnitKind
from folders.models import Folder
from folders.permissions import has_role
from folders.querysets import UnitQuerySet

# What can be moved and deleted by itself: no frame, and no image of a group.
_WHOLE = Q(frame=None, item__parent=None)


@dataclass(frozen=True, slots=True)
class UnitSelection:
    """Units that the actor sees.

    Attributes:
        root: which they belong to.
        units: without an order.
    """

    root: Folder
    units: UnitQuerySet

    def wholes(self) -> "UnitSelection":
        """Those that stand for an item which is no part of another one."""
        return UnitSelection(self.root, self.units.filter(_WHOLE))

    def count_wholes(self) -> int:
        """How many items the units belong to; of frames and parts their wholes count."""
        whole = Coalesce("item__parent", "item")
        return self.units.order_by().annotate(whole=whole).values("whole").distinct().count()


@dataclass(frozen=True, slots=True)
class UnitContents:
    """What a selection is made of.

    Attributes:
        kinds: (kind, number) of the items that are selected as wholes.
        frames: of videos and sequences.
        parts: images of groups.
    """

    kinds: list[tuple[str, int]]
    frames: int
    parts: int

    @property
    def wholes(self) -> int:
        """How many items are selected as wholes."""
        return sum(number for _, number in self.kinds)


def unit_contents(selection: UnitSelection) -> UnitContents:
    """Count a selection by kind; one statement."""
    groups = selection.units.order_by().values("kind")
    counted = groups.annotate(
        all=Count("pk"), parts=Count("pk", filter=Q(item__parent__isnull=False))
    )
    found = {row["kind"]: (row["all"], row["parts"]) for row in counted}
    frames, _ = found.pop(UnitKind.FRAME, (0, 0))
    kinds = [
        (kind.label.lower(), found[kind][0] - found[kind][1])
        for kind in UnitKind
        if kind in found and found[kind][0] > found[kind][1]
    ]
    return UnitContents(kinds, frames, sum(inside for _, inside in found.values()))


def require_editable(actor: Actor, selection: UnitSelection) -> None:
    """Raise NotAllowed unless the actor edits the folders of all the units."""
    if has_role(actor, selection.root, FolderRole.EDITOR):
        return
    editable = Folder.objects.visible_to(actor, FolderRole.EDITOR).filter(root=selection.root)
    locked = selection.units.exclude(folder__in=editable).count()
    if locked:
        lie = "unit lies" if locked == 1 else "units lie"
        raise NotAllowed(
            f"This takes the role “{FolderRole.EDITOR.label}”: {locked:,} of the selected {lie} in "
            "folders that you may only look at."
        )
