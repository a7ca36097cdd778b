"""The form of the log: a line for people or one JSON object, with the request's or job's id."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from core import context


class ContextFilter(logging.Filter):
    """Puts the ids on each record; `about` is how a line names them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        # Django writes of an answer when the request is over; its record holds the request.
        request = getattr(record, "request", None)
        request_id = context.request_id.get() or getattr(request, "request_id", "")
        job_id = context.job_id.get()
        record.request_id, record.job_id = request_id, job_id
        named = (("request", request_id), ("job", job_id))
        parts = [f"{name}={value}" for name, value in named if value]
        record.about = f" [{' '.join(parts)}]" if parts else ""
        return True


class JSONFormatter(logging.Formatter):
    """One JSON object a line, for whatever collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; parts that are empty are left out."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
            "job_id": getattr(record, "job_id", ""),
            "process": record.process,
            "error": self.formatException(record.exc_info) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in entry.items() if value})


# A job that logs more than this is read in the files of its worker.
_KEPT = 500
_collected: ContextVar[list[logging.LogRecord] | None] = ContextVar("collected", default=None)


class JobLogHandler(logging.Handler):
    """Keeps what a job's own thread writes, for the one who looks at the job."""

    def emit(self, record: logging.LogRecord) -> None:
        """Add the record to the running job's, if one runs here."""
        records = _collected.get()
        if records is not None and len(records) < _KEPT:
            records.append(record)


@contextmanager
def collect_log(job: str) -> Iterator[list[logging.LogRecord]]:
    """Name the job on every line of this thread, and gather its lines."""
    records: list[logging.LogRecord] = []
    named, gathered = context.job_id.set(job), _collected.set(records)
    try:
        yield records
    finally:
        context.job_id.reset(named)
        _collected.reset(gathered)
