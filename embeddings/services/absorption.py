"""What becomes of the upgrade of a root folder that goes below another one."""

from embeddings.models import Reduction, UpgradeKey
from embeddings.services.reductions import cancel_reduction
from folders.models import Folder


def carry_upgrade(root: Folder, new_root: Folder) -> None:
    """Take embedding keys and maps along, as far as the new root has none for the same key.

    A map shows the units of one root, and versions of one key are numbered in one row: two roots'
    maps cannot be made one. Those that go along keep their points and say by their coverage that
    the rest of the new root is not placed yet; computing them anew is a matter of one click. Runs
    under way are cancelled: they would publish for a root that is none any more. Registered with
    folders as a hook; the caller owns the tree.
    """
    for run in Reduction.objects.filter(root=root).select_related("job"):
        cancel_reduction(reduction=run)
    upgraded = UpgradeKey.objects.filter(root=new_root)
    UpgradeKey.objects.filter(root=root).exclude(key__in=upgraded.values("key")).update(
        root=new_root
    )
    UpgradeKey.objects.filter(root=root).delete()
    mapped = Reduction.objects.filter(root=new_root)
    Reduction.objects.filter(root=root).exclude(key__in=mapped.values("key")).update(root=new_root)
    Reduction.objects.filter(root=root).delete()
