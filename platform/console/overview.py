"""The figures of the start page: exact where that is cheap, else as PostgreSQL estimates them."""

import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from console.charts import Bars, bars
from core.jobs.broker import queue_length
from core.metrics.searches import SEARCH_TALLY
from core.models import Job, JobState, OutgoingMail, Tally
from core.presence import BEAT, present
from folders.models import Import

DAYS = 14
TABLES = 8
_SIZES = """
    SELECT relname, pg_total_relation_size(c.oid) AS size, greatest(reltuples, 0)::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = current_schema() AND relkind IN ('r', 'm')
    ORDER BY size DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue as it is now."""

    name: str
    waiting: int | None
    queued: int
    running: int
    is_served: bool


def overview() -> dict[str, Any]:
    """All that the start page shows."""
    since = timezone.now() - timedelta(days=1)
    return {
        "organisations": Organisation.objects.count(),
        "people": User.objects.filter(is_active=True).count(),
        "memberships": Membership.objects.count(),
        "items": estimate("folders_item"),
        "units": estimate("folders_unit"),
        "failed": Job.objects.filter(state=JobState.FAILED, created_at__gte=since).count(),
        "mails": OutgoingMail.objects.exclude(error="").count(),
        "charts": _charts(),
        "storage": storage(),
        **live_figures(),
    }


def live_figures() -> dict[str, Any]:
    """Queues, workers and the jobs that run, for the part of the page that asks again."""
    active = Job.objects.active().order_by().values("queue", "state")
    numbers = {
        (row["queue"], row["state"]): row["number"] for row in active.annotate(number=Count("pk"))
    }
    alive = _alive()
    queues = [
        Queue(
            name=name,
            waiting=queue_length(name),
            queued=numbers.get((name, JobState.QUEUED), 0),
            running=numbers.get((name, JobState.RUNNING), 0),
            is_served=name in alive,
        )
        for name in settings.QUEUES
    ]
    running = Job.objects.filter(state=JobState.RUNNING).select_related("organisation")
    return {
        "queues": queues,
        "has_beat": BEAT in alive,
        "running": running.order_by("created_at")[:20],
        "active": sum(numbers.values()),
    }


def estimate(table: str) -> int:
    """How many rows a table has, as PostgreSQL noted when it last looked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass(%s)",
            [table],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def storage() -> dict[str, Any]:
    """What lies where: the database with its largest tables, matrix files, the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
        cursor.execute(_SIZES, [TABLES])
        tables = cursor.fetchall()
    matrices = Path(settings.KINDRED_DATA) / "matrices"
    files = (path for path in matrices.rglob("*") if path.is_file()) if matrices.is_dir() else ()
    disk = shutil.disk_usage(settings.KINDRED_DATA)
    return {
        "database": size,
        "tables": tables,
        "matrices": sum(path.stat().st_size for path in files),
        "disk_free": disk.free,
        "disk_total": disk.total,
    }


def _alive() -> set[str]:
    """Who has left a sign of life; nobody when Redis is away."""
    try:
        return present([*settings.QUEUES, BEAT])
    except Exception:  # noqa: BLE001 - whatever the cache's client raises: nobody is heard
        return set()


def _charts() -> list[Bars]:
    days = [timezone.localdate() - timedelta(days=age) for age in range(DAYS - 1, -1, -1)]
    since = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    jobs = Job.objects.filter(created_at__gte=since)
    searches = Tally.objects.filter(name=SEARCH_TALLY, hour__gte=since)
    by_day = searches.annotate(day=TruncDate("hour")).values("day").order_by()
    return [
        bars("Jobs that ended well", days, _per_day(jobs.filter(state=JobState.FINISHED))),
        bars("Jobs that failed", days, _per_day(jobs.filter(state=JobState.FAILED)), tone="bad"),
        bars("Imports", days, _per_day(Import.objects.filter(created_at__gte=since))),
        bars(
            "Similarity searches",
            days,
            {row["day"]: row["number"] for row in by_day.annotate(number=Sum("count"))},
        ),
    ]


def _per_day(rows: Any) -> dict[date, int]:
    """How many rows were made on each day."""
    by_day = rows.annotate(day=TruncDate("created_at")).values("day").order_by()
    return {row["day"]: row["number"] for row in by_day.annotate(number=Count("pk"))}
