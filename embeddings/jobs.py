"""Handlers of the app's background work."""

import time
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from core.errors import DomainError
from core.jobs import JobCancelled, JobRun, handler
from core.services.jobs import release_idempotency_key
from embeddings.choices import ReductionState
from embeddings.reductions import Phase, Progress
from embeddings.services.derived import JOB_KIND as DERIVE
from embeddings.services.derived import carry_out_derivation
from embeddings.services.erasure import JOB_KIND as ERASE
from embeddings.services.erasure import carry_out_erasure
from embeddings.services.index_building import carry_out_building, give_up_building
from embeddings.services.index_following import FOLLOW, carry_out_following
from embeddings.services.indexes import BUILD
from embeddings.services.placement import PLACE, carry_out_placement
from embeddings.services.reductions import REDUCE, carry_out, end_reduction

# Where each phase begins and ends, in thousandths of the whole; measured on some thousand points,
# where the layout takes nearly all of the time.
_SHARES: dict[Phase, tuple[int, int]] = {
    Phase.COMPONENTS: (20, 50),
    Phase.NEIGHBOURS: (50, 150),
    Phase.EXAGGERATION: (150, 400),
    Phase.LAYOUT: (400, 980),
}
_WHOLE = 1000
_ITERATED = (Phase.EXAGGERATION, Phase.LAYOUT)


@handler(REDUCE, queue="reductions")
def reduce(run: JobRun) -> dict[str, Any]:
    """Compute one map."""
    reduction_id = UUID(run.payload["reduction"])
    run.progress(done=0, total=_WHOLE, step="Starting")
    clock = Clock()
    try:
        result = carry_out(
            reduction_id=reduction_id,
            report=lambda progress: run.progress(
                done=thousandths(progress), step=step(progress, clock.left(progress))
            ),
            told=lambda name: run.progress(step=name),
        )
    except JobCancelled:
        end_reduction(reduction_id=reduction_id, state=ReductionState.CANCELLED)
        raise
    run.progress(done=_WHOLE, step="Finished")
    return result


@handler(PLACE)
def place(run: JobRun) -> dict[str, Any]:
    """Place on a map what came since it was computed."""
    # From here on the set is read: changes that are committed later need a job of their own.
    release_idempotency_key(job_id=run.row.pk)
    return carry_out_placement(
        root_id=UUID(run.payload["root"]),
        key_id=int(run.payload["key"]),
        told=lambda done, total: run.progress(done=done, total=total, step="Placing units"),
    )


@handler(BUILD, queue="reductions", repeatable=False)
def build_index(run: JobRun) -> dict[str, Any]:
    """Build the index of a vector set."""
    index_id = int(run.payload["index"])
    run.progress(done=0, total=_WHOLE, step="Starting")
    try:
        return carry_out_building(
            index_id=index_id, told=lambda done, step: run.progress(done=done, step=step)
        )
    except JobCancelled:
        give_up_building(index_id)
        raise
    except (DomainError, DatabaseError) as error:
        give_up_building(index_id, error=str(error))
        raise


@handler(FOLLOW)
def follow_changes(run: JobRun) -> dict[str, Any]:
    """Write into an index what has changed in its set."""
    release_idempotency_key(job_id=run.row.pk)
    return carry_out_following(
        int(run.payload["set"]),
        told=lambda done, total: run.progress(done=done, total=total, step="Indexing vectors"),
    )


@handler(ERASE, max_attempts=10)
def erase(run: JobRun) -> None:
    """Remove what belonged to a key that was deleted for ever."""
    carry_out_erasure(run)


@handler(DERIVE, max_attempts=10)
def derive(run: JobRun) -> dict[str, Any]:
    """Derive vectors of videos and groups."""
    return carry_out_derivation(run)


def thousandths(progress: Progress) -> int:
    """How much of the whole is done."""
    begin, end = _SHARES[progress.phase]
    return begin + round((end - begin) * progress.done / max(1, progress.total))


class Clock:
    """Tells how long the iterations will still take, by those that this run has done."""

    def __init__(self) -> None:
        """Begin with the first iteration that is reported."""
        self._phase: Phase | None = None
        self._since = 0.0
        self._done = 0

    def left(self, progress: Progress) -> float | None:
        """Seconds; None while it cannot be known."""
        if progress.phase not in _ITERATED:
            return None
        now = time.monotonic()
        if progress.phase is not self._phase:
            self._phase, self._since, self._done = progress.phase, now, progress.done
        done = progress.done - self._done
        to_do = progress.total - progress.done + progress.to_come
        return (now - self._since) / done * to_do if done else None


def step(progress: Progress, seconds_left: float | None = None) -> str:
    """The phase in words: "Laying out, 320 of 500 iterations, KL divergence 1.234, 12 s left"."""
    parts = [str(progress.phase)]
    if progress.phase in _ITERATED:
        parts.append(f"{progress.done:,} of {progress.total:,} iterations")
    if progress.kl is not None:
        parts.append(f"KL divergence {progress.kl:.3f}")
    if seconds_left is not None:
        parts.append(f"{in_words(seconds_left)} left")
    return ", ".join(parts)


def in_words(seconds: float) -> str:
    """Seconds below two minutes, minutes above."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
