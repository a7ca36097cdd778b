"""Tells whether somebody serves queues, or whether beat runs: for health checks of containers."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.presence import BEAT, present


class Command(BaseCommand):
    """Ends with status 0 when all that are named have left a sign of life."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Names of queues, or “beat”."""
        parser.add_argument("names", nargs="+", choices=[*settings.QUEUES, BEAT])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Ask once."""
        names = set(options["names"])
        try:
            away = names - present(names)
        except OSError as error:
            raise CommandError(f"Redis does not answer: {error}") from error
        if away:
            raise CommandError(f"Nobody is there for: {', '.join(sorted(away))}")
