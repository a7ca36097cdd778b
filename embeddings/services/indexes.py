"""Having indexes of vector sets built, and dropping them."""

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, NotFound
from core.models import Job
from core.services.audit import record
from core.services.jobs import enqueue_job, request_cancel
from embeddings.choices import IndexState
from embeddings.constants import MAX_INDEXED_DIMENSIONS
from embeddings.models import Vector, VectorIndex, VectorSet

BUILD = "embeddings.build_index"


@transaction.atomic
def start_index(*, actor: Actor, set_id: int) -> Job:
    """Have an index of a vector set built, beside the present one if there is one.

    Returns:
        The job; that of the build which is under way already, if one is.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        NotFound: his organisation has no such vector set.
        Conflict: there are no vectors, or they have too many dimensions.
    """
    vector_set = _vector_set(actor, set_id)
    dimensions = vector_set.key.dimensions
    some = Vector.objects.filter(key_id=vector_set.key_id, root_id=vector_set.root_id)
    if dimensions is None or not some.exists():
        raise Conflict("There are no vectors of this key yet.", code="no_vectors")
    if dimensions > MAX_INDEXED_DIMENSIONS:
        message = (
            f"Vectors of {dimensions:,} dimensions cannot be indexed, only up to "
            f"{MAX_INDEXED_DIMENSIONS:,}; searches measure them all."
        )
        raise Conflict(message, code="too_many_dimensions")
    under_way = active_build(vector_set)
    if under_way is not None:
        return under_way
    record(actor=actor, action="vector_index.started", target=vector_set)
    return enqueue_build(vector_set, user_id=actor.user.pk)


def enqueue_build(vector_set: VectorSet, *, user_id: object = None) -> Job:
    """Have an index built that takes the place of the present one once it is ready.

    Belongs in a transaction that has locked the set's index rows, or has none to lock.
    """
    key, root = vector_set.key, vector_set.root
    vector_set.indexes.exclude(state=IndexState.READY).delete()
    index = VectorIndex.objects.create(vector_set=vector_set, dimensions=key.dimensions or 0)
    index.job = enqueue_job(
        organisation_id=root.organisation_id,
        user_id=user_id,  # type: ignore[arg-type]
        kind=BUILD,
        title=f"Building the index of {key.name} in {root.name}",
        payload={"index": index.pk},
        folder_id=root.pk,
    )
    index.save(update_fields=["job"])
    return index.job


@transaction.atomic
def drop_index(*, actor: Actor, set_id: int) -> VectorSet:
    """Drop the index of a vector set, if it has one, and end its build; searches do without.

    Raises:
        NotAllowed, NotFound: as start_index.
    """
    vector_set = _vector_set(actor, set_id)
    under_way = active_build(vector_set)
    if under_way is not None:
        request_cancel(job=under_way)
    there = vector_set.indexes.all()
    if under_way is not None and under_way.is_active:
        # The worker holds the table for as long as it builds, and removes it when it ends.
        there = there.exclude(job=under_way)
    dropped, _ = there.delete()
    if dropped or under_way is not None:
        record(actor=actor, action="vector_index.dropped", target=vector_set)
    return vector_set


@transaction.atomic
def cancel_build(*, actor: Actor, set_id: int) -> VectorSet:
    """End the build that is under way, if one is; the present index stays.

    Raises:
        NotAllowed, NotFound: as start_index.
    """
    vector_set = _vector_set(actor, set_id)
    under_way = active_build(vector_set)
    if under_way is not None and not request_cancel(job=under_way).is_active:
        # No worker had begun, so that none tidies up.
        vector_set.indexes.filter(job=under_way).delete()
    return vector_set


def active_build(vector_set: VectorSet) -> Job | None:
    """The job that builds an index of the set, if one does."""
    building = vector_set.indexes.filter(state=IndexState.BUILDING).select_related("job").first()
    return building.job if building and building.job and building.job.is_active else None


def _vector_set(actor: Actor, set_id: int) -> VectorSet:
    """The vector set of the actor's organisation, locked against another start or end."""
    actor.require_organisation_admin()
    sets = VectorSet.objects.select_related("root", "key").select_for_update(
        of=("self",), no_key=True
    )
    found = sets.filter(pk=set_id, root__organisation=actor.organisation).first()
    if found is None:
        raise NotFound("There is no such vector set.")
    return found
