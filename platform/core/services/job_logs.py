"""What jobs wrote into the log, kept for whoever looks at them."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from core.models import Job, JobLogLine

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
_formatter = logging.Formatter()
# A traceback of a deep recursion is long; its two ends are what matters.
_LENGTH = 20_000


def save_log(*, job: Job, records: list[logging.LogRecord]) -> None:
    """Keep the lines of a run; a database that is away is said in the worker's own log."""
    if not records:
        return
    lines = [
        JobLogLine(
            job=job,
            attempt=job.attempts,
            at=datetime.fromtimestamp(record.created, UTC),
            level=record.levelname[:10],
            text=_text(record),
        )
        for record in records
    ]
    try:
        JobLogLine.objects.bulk_create(lines)
    except (DatabaseError, InterfaceError):
        logger.warning("The log of job %s could not be kept.", job.pk, exc_info=True)


def drop_old_logs() -> int:
    """Remove lines that are older than a month; return how many."""
    removed, _ = JobLogLine.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return removed


def _text(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if record.exc_info:
        text = f"{text}\n{_formatter.formatException(record.exc_info)}"
    text = text.replace("\x00", "")
    if len(text) > _LENGTH:
        text = f"{text[: _LENGTH // 2]}\n…\n{text[-_LENGTH // 2 :]}"
    return text
