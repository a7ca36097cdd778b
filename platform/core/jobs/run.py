"""What a handler holds of the job that it carries out."""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from core.jobs.errors import JobCancelled, JobLost
from core.models import Job

SAVE_INTERVAL_SECONDS = 1.0


@dataclass(slots=True)
class Progress:
    """What changed since the last save; None is unchanged."""

    done: int | None = None
    total: int | None = None
    step: str | None = None
    checkpoint: dict[str, Any] | None = None

    def as_columns(self) -> dict[str, Any]:
        """The columns of the job to write."""
        columns = {
            "done": self.done,
            "total": self.total,
            "step": self.step,
            "checkpoint": self.checkpoint,
        }
        return {name: value for name, value in columns.items() if value is not None}


class Saver(Protocol):
    """Writes progress; see core.jobs.heartbeat for the two of them."""

    def save(self) -> None:
        """Write what `run.take_unsaved()` gives, now or in a moment."""


@dataclass
class JobRun:
    """One run of one job, named by its token.

    `progress` is cheap: it may be called for every row of work.
    """

    row: Job
    token: UUID
    saver: Saver | None = None
    cancelled: bool = False
    lost: bool = False
    _unsaved: Progress = field(default_factory=Progress)
    _saved_at: float = field(default_factory=time.monotonic)
    _lock: Lock = field(default_factory=Lock)

    @property
    def payload(self) -> dict[str, Any]:
        """What the job was asked to do."""
        payload: dict[str, Any] = self.row.payload
        return payload

    @property
    def checkpoint(self) -> dict[str, Any]:
        """Where an earlier run stopped, as it told `progress`; empty in a first run."""
        checkpoint: dict[str, Any] = self.row.checkpoint
        return checkpoint

    @property
    def organisation_id(self) -> UUID:
        """The organisation that the job works for."""
        return self.row.organisation_id

    @property
    def actor_user(self) -> Any:
        """Who asked for the job (accounts.models.User), None when the person is gone."""
        return self.row.actor

    def progress(
        self,
        done: int | None = None,
        total: int | None = None,
        step: str | None = None,
        checkpoint: dict[str, Any] | None = None,
    ) -> None:
        """Note how far the work is; saved at most once a second, the last word always.

        Call it outside of transactions: a checkpoint must not promise what may still roll back.

        Raises:
            JobCancelled: somebody asked for the end.
            JobLost: another run owns the job by now.
        """
        with self._lock:
            if done is not None:
                self._unsaved.done = self.row.done = max(0, done)
            if total is not None:
                self._unsaved.total = self.row.total = max(0, total)
            if step is not None:
                self._unsaved.step = self.row.step = step[:200]
            if checkpoint is not None:
                self._unsaved.checkpoint = self.row.checkpoint = dict(checkpoint)
        if self.saver is not None and time.monotonic() - self._saved_at >= SAVE_INTERVAL_SECONDS:
            self._saved_at = time.monotonic()
            self.saver.save()
        self.check()

    def check(self) -> None:
        """Raise JobCancelled or JobLost when the run is over; for loops without progress."""
        if self.lost:
            raise JobLost
        if self.cancelled:
            raise JobCancelled

    def take_unsaved(self) -> Progress:
        """Hand out what is to be written, once."""
        with self._lock:
            unsaved, self._unsaved = self._unsaved, Progress()
        return unsaved

    def give_back(self, unsaved: Progress) -> None:
        """Put back what could not be written, below what came meanwhile."""
        with self._lock:
            for name in ("done", "total", "step", "checkpoint"):
                if getattr(self._unsaved, name) is None:
                    setattr(self._unsaved, name, getattr(unsaved, name))
