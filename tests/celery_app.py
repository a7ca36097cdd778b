"""The Celery application of workers that tests start: the project's, with the tests' job kinds."""

import django

from config.celery import app

django.setup()

from tests import job_kinds  # noqa: E402  the apps must be ready first

__all__ = ["app", "job_kinds"]
