"""Puts credentials of integrations under the present secret key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations.services.rotation import reencrypt_integrations


class Command(BaseCommand):
    """After a change of KINDRED_SECRET_KEY, with the earlier one in KINDRED_OLD_SECRET_KEYS."""

    help = "Encrypts credentials of integrations with the present secret key; can be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option that is read before Django starts, by stack.environment."""
        parser.add_argument("--data", help="data folder of the stack (KINDRED_DATA, else var/)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were done, and name those that no key opens."""
        done, lost = reencrypt_integrations()
        self.stdout.write(f"Integrations under the present key: {done}.")
        for integration in lost:
            self.stderr.write(
                f"“{integration.name}” of {integration.organisation.name}: no key opens its "
                "credentials. Enter them again."
            )
