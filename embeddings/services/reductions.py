"""Makes maps: one row for each version, one job that fills it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from numpy.typing import NDArray

from accounts.actor import Actor
from core.errors import Conflict
from core.jobs import JobCancelled
from core.services.jobs import enqueue_job, request_cancel
from embeddings.checkpoints import Checkpoints
from embeddings.choices import ReductionMethod, ReductionState
from embeddings.forming import Publisher, forget_snapshot
from embeddings.matrix import read_matrix, read_sample
from embeddings.matrix_files import has_matrix_file
from embeddings.models import Reduction
from embeddings.phase_times import PhaseTimes
from embeddings.reductions import (
    Layout,
    Live,
    Parameters,
    Progress,
    ReductionError,
    Report,
    parse_parameters,
    reduce_vectors,
)
from embeddings.reductions.alignment import align
from embeddings.reductions.parameters import as_json
from embeddings.reductions.preparation import Metric as MetricName
from embeddings.reductions.preview import SAMPLED, preview
from embeddings.services.map_parts import make_parts
from embeddings.services.points import all_points, replace_points
from embeddings.services.vector_sets import announce_change
from folders.choices import FolderRole, Metric
from folders.models import Folder, MetadataKey
from folders.permissions import require_role
from folders.services.locks import share_tree

REDUCE = "embeddings.reduce"
METRICS: dict[Metric, MetricName] = {
    Metric.COSINE: "cosine",
    Metric.L2: "l2",
    Metric.INNER_PRODUCT: "inner_product",
}
_OPEN = (ReductionState.PENDING, ReductionState.RUNNING)


def start_reduction(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    method: ReductionMethod,
    parameters: Parameters,
    based_on: Reduction | None = None,
) -> Reduction:
    """Make the next version of a map and the job that computes it.

    The caller holds a lock on the root folder, so that versions do not collide.
    """
    versions = Reduction.objects.filter(root=root, key=key)
    latest = versions.aggregate(latest=Max("version"))["latest"] or 0
    reduction = Reduction(
        root=root,
        key=key,
        version=latest + 1,
        method=method,
        parameters=as_json(parameters),
        based_on=based_on,
    )
    reduction.job = enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=REDUCE,
        title=f"Reducing {key.name} in {root.name}",
        payload={"reduction": str(reduction.pk)},
        folder_id=root.pk,
    )
    reduction.save(force_insert=True)
    return reduction


def cancel_reduction(*, reduction: Reduction) -> None:
    """End the run of a map that is still to come; others stay as they are."""
    if reduction.job is not None and reduction.is_active:
        request_cancel(job=reduction.job)


def carry_out(*, reduction_id: UUID, report: Report, told: Callable[[str], None]) -> dict[str, Any]:
    """Compute a map and publish it; the result for the job.

    May be begun again at any time, and then goes on from its checkpoints: nothing is stored before
    the end, and then all at once. A map that is gone or finished is left alone; one that failed or
    was cancelled stays so.

    Args:
        reduction_id: the map.
        report: told how far the computation is; what it raises ends the run.
        told: given the name of the steps around the computation; may raise as well.

    Raises:
        Conflict: the vectors cannot be laid out.
        JobCancelled: somebody has cancelled it before.
    """
    reduction = (
        Reduction.objects.select_related("key", "root", "job", "based_on")
        .filter(pk=reduction_id)
        .first()
    )
    if reduction is None:
        return {}
    if not Reduction.objects.filter(pk=reduction_id, state__in=_OPEN).update(
        state=ReductionState.RUNNING, updated_at=timezone.now()
    ):
        return _ended(reduction)
    begun = time.monotonic()
    times = PhaseTimes("Reading vectors")
    told("Reading vectors")
    # Under cosine, a zero vector has no direction and so no place.
    skip_zero = reduction.key.metric == Metric.COSINE
    if reduction.based_on is None:
        _show_some(reduction, times, skip_zero=skip_zero)
    matrix = read_matrix(root_id=reduction.root_id, key=reduction.key, skip_zero=skip_zero)
    memory = Checkpoints(reduction_id)
    revision = memory.begin(matrix.unit_ids, matrix.revision)
    places = _old_places(reduction, matrix.unit_ids)
    try:
        layout = reduce_vectors(
            matrix.values,
            metric=METRICS[Metric(reduction.key.metric)],
            parameters=parse_parameters(reduction.method, reduction.parameters),
            report=_timed(report, times),
            live=_live(reduction, matrix.unit_ids, memory, times),
            start=places,
        )
        layout = replace(layout, used=layout.used | {"seconds": times.summary()})
        if places is not None:
            layout = replace(layout, points=align(layout.points, places))
    except ReductionError as error:
        end_reduction(reduction_id=reduction_id, state=ReductionState.FAILED, failure=str(error))
        raise Conflict(str(error), code="reduction_failed") from error
    told("Storing points")
    reduction.revision = reduction.placed_revision = revision
    reduction.left_out = matrix.left_out
    reduction.seconds = time.monotonic() - begun
    result = _publish(reduction, matrix.unit_ids, layout)
    forget_run(reduction_id)
    # What came while it was computed is still to be placed.
    announce_change((reduction.root_id, reduction.key_id))
    return result


def stop_reduction(*, actor: Actor, reduction: Reduction) -> None:
    """Have a running layout end here and be kept as it is; a map that is finished stays so.

    Raises:
        NotAllowed: the actor may not edit the root folder.
    """
    require_role(actor, reduction.root, FolderRole.EDITOR)
    Reduction.objects.filter(pk=reduction.pk, state__in=_OPEN).update(
        stop_requested=True, updated_at=timezone.now()
    )


def forget_run(reduction_id: UUID) -> None:
    """Drop what only a run needs: checkpoints and what was shown of it."""
    Checkpoints(reduction_id).forget()
    forget_snapshot(reduction_id)


def end_reduction(*, reduction_id: UUID, state: ReductionState, failure: str = "") -> None:
    """Note that a map will not come: failed with a reason, or cancelled."""
    Reduction.objects.filter(pk=reduction_id, state__in=_OPEN).update(
        state=state, failure=failure, finished_at=timezone.now(), updated_at=timezone.now()
    )
    forget_run(reduction_id)


def delete_maps(*, root: Folder, key: MetadataKey) -> int:
    """Cancel and delete every version of a map; returns how many finished ones there were."""
    versions = Reduction.objects.filter(root=root, key=key).select_related("job")
    for reduction in versions:
        cancel_reduction(reduction=reduction)
    ready = versions.ready().count()
    versions.delete()
    return ready


def _ended(reduction: Reduction) -> dict[str, Any]:
    """What another run says that comes when a map has ended."""
    if reduction.state == ReductionState.CANCELLED:
        raise JobCancelled
    if reduction.state == ReductionState.FAILED:
        raise Conflict(reduction.failure, code="reduction_failed")
    return summary(reduction)


def summary(reduction: Reduction) -> dict[str, Any]:
    """What the job's result says of a map."""
    return {
        "reduction": str(reduction.pk),
        "version": reduction.version,
        "points": reduction.point_count,
        "left_out": reduction.left_out,
        "kl_divergence": reduction.kl_divergence,
        "seconds": reduction.seconds,
    }


def _old_places(reduction: Reduction, unit_ids: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Where units lie on the version that this one is computed from; NaN for those that do not."""
    if reduction.based_on is None:
        return None
    known = all_points(reduction.based_on)
    where, there = known.find(unit_ids)
    places = np.full((len(unit_ids), 2), np.nan)
    places[there] = known.points[where[there]]
    return places if there.any() else None


def _show_some(reduction: Reduction, times: PhaseTimes, *, skip_zero: bool) -> None:
    """Making the matrix file of a large set takes seconds: show some of its units meanwhile."""
    root_id, key = reduction.root_id, reduction.key
    if has_matrix_file(root_id=root_id, key=key):
        return
    seed = int(reduction.parameters["seed"])
    unit_ids, vectors = read_sample(
        root_id=root_id, key=key, count=SAMPLED, seed=seed, skip_zero=skip_zero
    )
    # All of a smaller set are read nearly as soon.
    if len(unit_ids) < SAMPLED:
        return
    points = preview(vectors, METRICS[Metric(key.metric)], seed=seed)
    if Publisher(reduction.pk, unit_ids).show(points):
        times.points_shown()


def _timed(report: Report, times: PhaseTimes) -> Report:
    """The report, by which times are told apart."""

    def listen(progress: Progress) -> None:
        times.enter(str(progress.phase))
        report(progress)

    return listen


def _live(
    reduction: Reduction, unit_ids: NDArray[np.int64], memory: Checkpoints, times: PhaseTimes
) -> Live:
    """Shows the points to whoever looks, and asks now and then whether to stop."""
    publisher = Publisher(reduction.pk, unit_ids)
    wish = Reduction.objects.filter(pk=reduction.pk, stop_requested=True)
    stopped = False

    def show(points: NDArray[np.floating[Any]]) -> None:
        nonlocal stopped
        if publisher.show(points):
            times.points_shown()
            stopped = wish.exists()

    return Live(show=show, stops=lambda: stopped, memory=memory)


def hold_publication(reduction: Reduction) -> None:
    """Let one run publish the map at a time, without a lock on its row.

    Units come before maps for all who lock both, and publishing locks the units.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"embeddings.publish:{reduction.pk}"],
        )


def _publish(reduction: Reduction, unit_ids: NDArray[np.int64], layout: Layout) -> dict[str, Any]:
    """Store points and row in one transaction, unless another run did or the map is gone."""
    with transaction.atomic():
        # Before any row: who deletes or moves folders takes units first and maps last.
        share_tree(reduction.root.organisation_id)
        hold_publication(reduction)
        same = Reduction.objects.filter(pk=reduction.pk, root=reduction.root_id)
        if not same.filter(state=ReductionState.RUNNING).exists():
            return {}
        reduction.point_count = replace_points(
            reduction=reduction, unit_ids=unit_ids, points=layout.points
        )
        reduction.segments = [len(unit_ids)]
        reduction.state = ReductionState.READY
        reduction.used = layout.used
        reduction.kl_divergence = layout.kl
        reduction.failure = ""
        reduction.finished_at = timezone.now()
        reduction.save(
            update_fields=[
                *("state", "used", "kl_divergence", "failure", "finished_at", "revision"),
                *("placed_revision", "segments", "seconds", "point_count", "left_out"),
                "updated_at",
            ]
        )
        make_parts(reduction)
    return summary(reduction)
