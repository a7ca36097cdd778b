"""Keeps a run's row alive, so that the reaper does not give the job to another worker."""

import contextlib
import logging
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from core.jobs.run import JobRun
from core.services.job_runs import Pulse, beat

logger = logging.getLogger(__name__)


class DirectSaver:
    """Saves on the caller's connection: for runs inside a test's transaction."""

    def __init__(self, run: JobRun) -> None:
        self._run = run

    def save(self) -> None:
        """Write progress and learn of a cancellation."""
        _beat(self._run)


class HeartbeatThread:
    """Saves on a connection of its own, in a thread of its own, for as long as the run lasts.

    So the heartbeat goes on through a long call into C, and no row lock of the job is held by a
    transaction of the handler, which would make everybody who cancels the job wait.
    """

    def __init__(self, run: JobRun) -> None:
        self._run = run
        self._wake = Event()
        self._ended = Event()
        # Four beats within the time after which the reaper comes.
        self._interval = min(5.0, settings.JOB_HEARTBEAT_TIMEOUT_SECONDS / 4)
        self._thread = Thread(target=self._work, name=f"heartbeat-{run.row.pk}", daemon=True)

    def __enter__(self) -> "HeartbeatThread":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._wake.set()
        self._thread.join()

    def save(self) -> None:
        """Write progress in a moment."""
        self._wake.set()

    def _work(self) -> None:
        try:
            while not self._ended.is_set():
                self._wake.wait(self._interval)
                self._wake.clear()
                if not self._ended.is_set():
                    self._beat_or_log()
        finally:
            connection.close()

    def _beat_or_log(self) -> None:
        """The database may be away for a while: the run goes on, the next beat tries again."""
        try:
            _beat(self._run)
        except (DatabaseError, InterfaceError):
            logger.warning("Job %s: the heartbeat failed.", self._run.row.pk, exc_info=True)
            with contextlib.suppress(DatabaseError, InterfaceError):
                connection.close()


def _beat(run: JobRun) -> None:
    unsaved = run.take_unsaved()
    try:
        pulse = beat(job_id=run.row.pk, token=run.token, columns=unsaved.as_columns())
    except (DatabaseError, InterfaceError):
        run.give_back(unsaved)
        raise
    run.lost = run.lost or pulse is Pulse.LOST
    run.cancelled = run.cancelled or pulse is Pulse.CANCEL
