"""Versions of a map: computed anew from the places of the last one, kept or discarded."""

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict
from core.services import audit
from embeddings.choices import ReductionMethod
from embeddings.models import Reduction
from embeddings.reductions import parse_parameters
from embeddings.services.reductions import cancel_reduction, start_reduction
from embeddings.services.vector_sets import announce_change
from folders.choices import FolderRole
from folders.models import Folder
from folders.permissions import require_role
from folders.services.locks import share_tree


@transaction.atomic
def recompute_map(*, actor: Actor, reduction: Reduction) -> Reduction:
    """Compute a map anew, of all present vectors, beginning at the places that they have.

    Asked for again while it goes on, it is the same run.

    Raises:
        NotAllowed: the actor may not edit the root folder.
        Conflict: the map is not finished.
    """
    root = _lock_root(actor, reduction)
    if not reduction.is_ready:
        raise Conflict("This map is not finished.", code="map_not_ready")
    versions = Reduction.objects.filter(root=root, key=reduction.key_id).select_related("job")
    for version in versions.newest_first():
        if version.is_active:
            return version
    started = start_reduction(
        actor=actor,
        root=root,
        key=reduction.key,
        method=ReductionMethod(reduction.method),
        parameters=parse_parameters(reduction.method, reduction.parameters),
        based_on=reduction,
    )
    _record(actor, "map.recomputed", reduction)
    return started


@transaction.atomic
def discard_version(*, actor: Actor, reduction: Reduction) -> None:
    """Delete one version; the newest finished one of the others is shown from then on.

    Collections that were made on it keep their units.

    Raises:
        NotAllowed: the actor may not edit the root folder.
    """
    _lock_root(actor, reduction)
    cancel_reduction(reduction=reduction)
    name = (reduction.root_id, reduction.key_id)
    _record(actor, "map.discarded", reduction)
    reduction.delete()
    # The version that is shown now has not followed the vectors meanwhile.
    transaction.on_commit(lambda: announce_change(name), robust=True)


@transaction.atomic
def keep_version(*, actor: Actor, reduction: Reduction) -> int:
    """Delete the finished versions that came before; returns how many there were.

    Raises:
        NotAllowed: the actor may not edit the root folder.
        Conflict: the map is not finished.
    """
    root = _lock_root(actor, reduction)
    if not reduction.is_ready:
        raise Conflict("This map is not finished.", code="map_not_ready")
    earlier = Reduction.objects.filter(
        root=root, key=reduction.key_id, version__lt=reduction.version
    ).ready()
    count = earlier.count()
    earlier.delete()
    _record(actor, "map.kept", reduction)
    return count


def _lock_root(actor: Actor, reduction: Reduction) -> Folder:
    """The root folder, in which nobody begins or ends versions meanwhile."""
    require_role(actor, reduction.root, FolderRole.EDITOR)
    share_tree(reduction.root.organisation_id)
    return Folder.objects.select_for_update(no_key=True).get(pk=reduction.root_id)


def _record(actor: Actor, action: str, reduction: Reduction) -> None:
    audit.record(
        actor=actor,
        action=action,
        target=reduction.root,
        data={"key": reduction.key.name, "version": reduction.version},
    )
