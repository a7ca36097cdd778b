"""What Prometheus scrapes."""

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.jobs.broker import queue_length
from core.models import Job, JobState
from core.presence import BEAT, present


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer whoever brings KINDRED_METRICS_TOKEN; where it is not set there is no such page."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Http404
    counted = REGISTRY
    if settings.METRICS_DIR:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    asked = CollectorRegistry()
    asked.register(_State())
    body = generate_latest(counted) + generate_latest(asked)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


class _State(Collector):
    """How things are now, asked of the stores when somebody scrapes."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Jobs to do, queues, signs of life, the size of the database."""
        jobs = GaugeMetricFamily("kindred_jobs", "Jobs to do", labels=["queue", "state"])
        active = Job.objects.active().values("queue", "state").annotate(number=Count("pk"))
        numbers = {(row["queue"], row["state"]): row["number"] for row in active.order_by()}
        for queue in settings.QUEUES:
            for state in (JobState.QUEUED, JobState.RUNNING):
                jobs.add_metric([queue, state.value], numbers.get((queue, state.value), 0))
        yield jobs
        yield from _queues()
        size = GaugeMetricFamily("kindred_database_bytes", "Size of the database on disk")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size.add_metric([], cursor.fetchone()[0])
        yield size


def _queues() -> Iterable[GaugeMetricFamily]:
    waiting = GaugeMetricFamily("kindred_queue_length", "Messages at the broker", labels=["queue"])
    alive = GaugeMetricFamily("kindred_alive", "Whether somebody serves it", labels=["name"])
    names = [*settings.QUEUES, BEAT]
    try:
        found = present(names)
    except Exception:  # noqa: BLE001 - whatever the cache's client raises: nobody is heard
        found = set()
    for queue in settings.QUEUES:
        length = queue_length(queue)
        if length is not None:
            waiting.add_metric([queue], length)
    for name in names:
        alive.add_metric([name], int(name in found))
    yield waiting
    yield alive
