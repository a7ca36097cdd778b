"""Reading the media of new items: measures, thumbnails, units of frames.

One job reads all items of a folder that wait, however many uploads brought them. An upload joins a
job only while that job still waits itself: it holds the job's row (FOR SHARE) to the end of its
transaction, so that no worker can begin the job before the new item is to be seen. A job that has
begun gives up its idempotency key first, so that later uploads make a new one.

The items are shared out over workers without further jobs: whoever runs a job that has much to do
calls for helpers, which are messages and nothing else. A helper claims items like everybody; one
that comes late, or twice, finds nothing to do. The job ends when no item of its folder waits.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from core.jobs import JobRun, JobStopped
from core.jobs.broker import send_task
from core.models import Job, JobState
from core.services.jobs import enqueue_job
from folders.choices import ItemState
from folders.models import Folder, Item
from folders.services.media_claims import claimed, claimed_items, give_back, waiting_items
from folders.services.media_outcomes import Outcome, write_outcomes
from folders.services.media_reading import PASSING, read_items

logger = logging.getLogger(__name__)

JOB_KIND = "folders.process_items"
QUEUE: Final = "media"
HELPER_TASK: Final = "folders.help_reading"

# One more worker pays for so many items.
_ITEMS_PER_WORKER: Final = 400
_MAX_HELPERS: Final = 15
# What was read is written at least so often, to be seen and not to be lost.
_WRITE_SECONDS: Final = 2.0
# How often the last items, which a helper holds, are asked after.
_LOOK_SECONDS: Final = 0.3


def request_processing(*, actor: Actor, folder: Folder) -> Job:
    """Have a worker read what waits in the folder; call it last in the transaction of the write."""
    for _ in range(10):
        job = enqueue_job(
            organisation_id=folder.organisation_id,
            user_id=actor.user.pk,
            kind=JOB_KIND,
            title=f"Reading media in {folder.name}",
            payload={"folder": str(folder.pk)},
            folder_id=folder.pk,
            idempotency_key=str(folder.pk),
        )
        if _join(job):
            return job
    raise RuntimeError("No job could be joined or made: the kind's key is in use elsewhere.")


def is_stranded(item: Item) -> bool:
    """Whether the item waits to be read and no job of its folder is going to do it."""
    if item.state != ItemState.PROCESSING:
        return False
    jobs = Job.objects.active().filter(kind=JOB_KIND, folder_id=item.folder_id)
    return not jobs.exists()


def process_folder(run: JobRun) -> dict[str, int]:
    """Read all items of the job's folder that wait; return how many became ready and failed."""
    Job.objects.filter(pk=run.row.pk).update(idempotency_key="")
    work = _Work(run.row.pk, waiting_items(UUID(run.payload["folder"])), run)
    helpers = _call_helpers(run.row.pk, work.waiting.count())
    while True:
        work.read_on()
        if not helpers or not work.waiting.exists():
            break
        # Helpers hold the last ones; should they die, those are free again.
        work.report()
        time.sleep(_LOOK_SECONDS)
    work.report(at_once=True)
    return _counted(run.row.pk)


def help_reading(job_id: UUID) -> None:
    """Read items of a job's folder for as long as the job runs and finds any; a helper's task."""
    job = Job.objects.filter(pk=job_id, kind=JOB_KIND).first()
    if job is None:
        return
    try:
        _Work(job.pk, waiting_items(UUID(job.payload["folder"]))).read_on()
    except PASSING:
        logger.warning("A helper of job %s was interrupted.", job_id, exc_info=True)


def process_item(*, item_id: UUID) -> ItemState | None:
    """Read one item's media; None when it does not wait, is gone, or another worker has it."""
    with claimed([item_id]) as items:
        counts = write_outcomes(list(read_items(items))) if items else {}
    return next((ItemState(state) for state, count in counts.items() if count), None)


@dataclass
class _Work:
    """One worker's part of a job: its own (with the run), or a helper's."""

    job_id: UUID
    waiting: QuerySet[Item]
    run: JobRun | None = None
    _reported: float = field(default=0.0, init=False)

    def read_on(self) -> None:
        """Read batch after batch until no item is left that nobody holds."""
        passed: set[UUID] = set()
        while self._may_go_on():
            with claimed_items(self.waiting, passed) as items:
                if not items:
                    return
                self._read(items)

    def report(self, *, at_once: bool = False) -> None:
        """Tell the job how far all workers are; now and then only, for it is counted.

        Raises:
            JobStopped: the job was cancelled or taken away.
        """
        if self.run is None:
            return
        done = total = None
        if at_once or time.monotonic() - self._reported >= 1:
            done = sum(_counted(self.job_id).values())
            total = done + self.waiting.count()
            self._reported = time.monotonic()
        self.run.progress(done=done, total=total, step="Reading media")

    def _read(self, items: list[Item]) -> None:
        """Read a batch, writing what is done every few seconds and when it is interrupted."""
        left = {item.pk: item for item in items}
        done: list[Outcome] = []
        written = time.monotonic()
        try:
            for outcome in self._outcomes(items):
                done.append(outcome)
                left.pop(outcome.item.pk)
                if time.monotonic() - written >= _WRITE_SECONDS:
                    write_outcomes(done, job_id=self.job_id)
                    done, written = [], time.monotonic()
        except JobStopped:
            give_back(list(left.values()))
            raise
        finally:
            write_outcomes(done, job_id=self.job_id)

    def _outcomes(self, items: list[Item]) -> Iterator[Outcome]:
        self.report()
        for outcome in read_items(items):
            yield outcome
            self.report()

    def _may_go_on(self) -> bool:
        """A helper ends with its job; the job itself learns of its end by reporting."""
        if self.run is not None:
            return True
        running = Job.objects.filter(pk=self.job_id, state=JobState.RUNNING)
        return running.filter(cancel_requested=False).exists()


def _call_helpers(job_id: UUID, waiting: int) -> int:
    """Ask other workers to help with a long list; return how many were asked."""
    wanted = min(_MAX_HELPERS, waiting // _ITEMS_PER_WORKER)
    for asked in range(wanted):
        if not send_task(HELPER_TASK, [str(job_id)], QUEUE):
            return asked
    return wanted


def _counted(job_id: UUID) -> dict[str, int]:
    """How many items of the job became ready and failed, as write_outcomes has counted."""
    checkpoint = Job.objects.values_list("checkpoint", flat=True).get(pk=job_id)
    return {state: checkpoint.get(state, 0) for state in ("ready", "failed")}


def _join(job: Job) -> bool:
    """Hold the job's row until the transaction ends; False when a worker has begun it."""
    # A savepoint: a row that changes while it is waited for stays locked even though it no longer
    # matches, and of two transactions that share it neither could update it.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM core_job WHERE id = %s AND state = %s AND idempotency_key <> ''"
            " FOR SHARE",
            [job.pk, JobState.QUEUED],
        )
        if cursor.fetchone():
            return True
        transaction.set_rollback(True)
    # Begun, but its key is not given up yet: take it away, so that a new job can be made.
    Job.objects.filter(pk=job.pk).update(idempotency_key="")
    return False
