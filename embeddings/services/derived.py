"""Derives vectors of videos, sequences and groups from those of their frames and parts.

A vector that somebody sent is never replaced. One that was derived before is made anew, and goes
when no frame or part has a vector any more. Running it twice writes nothing the second time.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from accounts.actor import Actor
from accounts.models import Organisation
from core.errors import Conflict
from core.jobs import JobRun
from core.models import Job
from core.services import audit
from core.services.jobs import enqueue_job
from embeddings.choices import Derivation
from embeddings.derivation import Derived, derive
from embeddings.matrix import read_some
from embeddings.members import Members, read_members, vectors_of
from embeddings.models import DerivedVector
from embeddings.services.vectors import delete_derived, write_derived
from folders.choices import FolderRole, Metric
from folders.models import Folder, MetadataKey
from folders.permissions import require_role

JOB_KIND = "embeddings.derive"

# Wholes that one transaction writes, unless their vectors are large.
_BATCH_ROWS = 1000
_BATCH_BYTES = 16 * 1024 * 1024


@transaction.atomic
def start_derivation(*, actor: Actor, folder: Folder, key: MetadataKey, method: Derivation) -> Job:
    """Have a worker derive the vectors of one key in the folder and below it.

    Asked for again while it goes on, it is the same job.

    Raises:
        Conflict: they are being derived by another method.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    job = enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=JOB_KIND,
        title=f"Deriving {key.name} of videos and groups in {folder.name}",
        payload={"folder": str(folder.pk), "key": key.pk, "method": method.value},
        folder_id=folder.pk,
        idempotency_key=f"{folder.pk}:{key.pk}",
    )
    if job.payload["method"] != method.value:
        raise Conflict(
            f"The {job.payload['method']} is being derived for this key just now. Wait for its end,"
            " or cancel that job.",
            code="being_derived",
        )
    data = {"key": key.name, "method": method.value}
    audit.record(actor=actor, action="vectors.derived", target=folder, data=data)
    return job


def carry_out_derivation(run: JobRun) -> dict[str, Any]:
    """Derive the vectors; the job's handler.

    Returns:
        How many were `derived`, found `unchanged`, `kept` because somebody sent them, `undefined`
        because the directions cancel out, and `removed` because their frames have none any more.

    Raises:
        NotAllowed: whoever asked for it may no longer edit the folder.
    """
    folder = Folder.objects.filter(pk=UUID(run.payload["folder"])).first()
    key = MetadataKey.objects.live().filter(pk=run.payload["key"]).first()
    if folder is None or key is None or run.actor_user is None:
        return {}
    # The role may have been taken away since the job was asked for.
    organisation = Organisation.objects.get(pk=run.organisation_id)
    require_role(Actor(user=run.actor_user, organisation=organisation), folder, FolderRole.EDITOR)
    work = _Work(key, Derivation(run.payload["method"]))
    members = read_members(folder=folder, key=key)
    total = len(members.units)
    done = 0
    for whole, count, blocks in vectors_of(members, key):
        run.progress(done=done, total=total, step="Deriving vectors")
        work.take(whole, derive(blocks, method=work.method, metric=Metric(key.metric)))
        done += count
    work.flush()
    work.remove_stale(folder, members)
    run.progress(done=total, total=total, step="Finished")
    return dict(work.counts)


@dataclass(slots=True)
class _Work:
    """What was derived and is still to be written."""

    key: MetadataKey
    method: Derivation
    counts: Counter[str] = field(
        default_factory=lambda: Counter(derived=0, unchanged=0, kept=0, undefined=0, removed=0)
    )
    waiting: dict[int, Derived] = field(default_factory=dict)
    # Wholes that had a derived vector and have none now.
    stale: list[int] = field(default_factory=list)

    def take(self, whole: int, derived: Derived | None) -> None:
        """Note the vector of one whole; write when enough are waiting."""
        if derived is None:
            self.counts["undefined"] += 1
            self.stale.append(whole)
            return
        self.waiting[whole] = derived
        size = len(self.waiting)
        if size >= _BATCH_ROWS or size * derived.value.nbytes >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting, as far as it is new."""
        if not self.waiting:
            return
        units = np.array(list(self.waiting), dtype=np.int64)
        values = np.stack([derived.value for derived in self.waiting.values()])
        members = {unit: derived.members for unit, derived in self.waiting.items()}
        self.waiting = {}
        new = self._is_new(units, values, members)
        if not new.any():
            return
        report = write_derived(
            key=self.key,
            unit_ids=units[new],
            values=values[new],
            method=self.method.value,
            members=members,
        )
        self.counts["derived"] += report.written

    def _is_new(
        self, units: np.ndarray[Any, Any], values: np.ndarray[Any, Any], members: dict[int, int]
    ) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which rows are to be written: neither sent by somebody, nor there already."""
        rows = DerivedVector.objects.filter(key=self.key, unit__in=units.tolist())
        marks = {unit: rest for unit, *rest in rows.values_list("unit_id", "method", "members")}
        seen, present = read_some(key=self.key, unit_ids=units)
        marked = np.array([unit in marks for unit in units.tolist()])
        same = np.array(
            [marks.get(unit) == [self.method.value, members[unit]] for unit in units.tolist()]
        )
        unchanged = seen & same & (present == values).all(axis=1)
        kept = seen & ~marked
        self.counts["unchanged"] += int(unchanged.sum())
        self.counts["kept"] += int(kept.sum())
        new: np.ndarray[Any, np.dtype[np.bool_]] = ~(kept | unchanged)
        return new

    def remove_stale(self, folder: Folder, members: Members) -> None:
        """Remove derived vectors whose frames and parts have none (any more)."""
        below = Folder.objects.below(folder)
        marks = DerivedVector.objects.filter(key=self.key, unit__folder__in=below)
        marked = np.array(list(marks.values_list("unit_id", flat=True)), dtype=np.int64)
        defined = np.setdiff1d(members.wholes, np.array(self.stale, dtype=np.int64))
        gone = np.setdiff1d(marked, defined).tolist()
        for start in range(0, len(gone), _BATCH_ROWS):
            batch = gone[start : start + _BATCH_ROWS]
            self.counts["removed"] += delete_derived(key=self.key, unit_ids=batch)
