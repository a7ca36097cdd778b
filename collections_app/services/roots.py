"""Collections and presets belong to root folders."""

from collections_app.models import Collection, Preset
from core.errors import Conflict
from folders import hooks
from folders.models import Folder


def register() -> None:
    """Be asked before a root folder goes below another one."""
    hooks.before_root_absorbed.register(keep_collections)


def keep_collections(root: Folder) -> None:
    """Refuse to turn a root folder with collections or presets into a subfolder: nobody would
    find them again.

    Raises:
        Conflict: the root folder has some.
    """
    counts = {
        "collection": Collection.objects.filter(root=root).count(),
        "preset": Preset.objects.filter(root=root).count(),
    }
    held = " and ".join(
        f"{number:,} {name}{'' if number == 1 else 's'}"
        for name, number in counts.items()
        if number
    )
    if held:
        raise Conflict(
            f"“{root.name}” has {held}. Delete them before you move it below another folder.",
            code="root_has_collections",
        )
