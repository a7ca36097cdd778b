"""The Celery application. Tasks carry ids only; the truth about a job is its row."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

app = Celery("kindred")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def _announce_processes(**_kwargs: object) -> None:
    """Workers and beat leave signs of life, which /readyz reads."""
    from core.presence import connect_signals

    connect_signals()
