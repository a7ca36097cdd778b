"""Figures for Prometheus.

All processes write theirs into files of one folder, so that whichever web process is asked answers
for all of them, workers included. Containers that share the folder have the same process ids:
files are named for the host, too.
"""

import os
import socket
from pathlib import Path

from django.conf import settings

from core.metrics.files import drop_stale

if settings.METRICS_DIR:
    # prometheus_client reads this when it is imported.
    Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.METRICS_DIR
    drop_stale(Path(settings.METRICS_DIR))

from prometheus_client import Counter, Histogram, values

if settings.METRICS_DIR:
    values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]
        lambda: f"{socket.gethostname().replace('_', '-')}-{os.getpid()}"
    )

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_JOB_SECONDS = (0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 36_000.0)

REQUESTS = Counter("kindred_http_requests", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "kindred_http_request_seconds", "Time to the answer's head", ["route"], buckets=_SECONDS
)
SEARCHES = Counter("kindred_searches", "Similarity searches answered")
JOBS = Counter("kindred_jobs_ended", "Runs of jobs that ended", ["kind", "outcome"])
JOB_SECONDS = Histogram(
    "kindred_job_seconds", "Time that runs of jobs took", ["kind"], buckets=_JOB_SECONDS
)

__all__ = ["JOBS", "JOB_SECONDS", "REQUESTS", "REQUEST_SECONDS", "SEARCHES"]
