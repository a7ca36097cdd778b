"""`manage.py bootstrap`: a person, an organisation, an SSH key and an API token, for scripts."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from accounts.services.bootstrap import bootstrap, create_bootstrap_token
from core.errors import DomainError


class Command(BaseCommand):
    """Never prompts; running it again changes nothing but makes another token."""

    help = (
        "Make sure that a person exists, with this password, as an administrator of the "
        "organisation; print an API token. Works beside a running stack and can be repeated."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options; --data is read before Django starts, by stack.environment."""
        parser.add_argument("--email", required=True, help="address that signs in")
        parser.add_argument("--password", required=True, help="at least 10 characters")
        parser.add_argument("--organisation", required=True, help="name; made when missing")
        parser.add_argument("--ssh-public-key", metavar="FILE", help="Ed25519 key, the .pub file")
        parser.add_argument("--data", help="data folder of the stack (KINDRED_DATA, else var/)")
        parser.add_argument(
            "--no-token", dest="token", action="store_false", help="make no API token"
        )

    def handle(self, *_args: str, **options: Any) -> None:
        """Make what is missing and print the token, alone on standard output."""
        try:
            actor = bootstrap(
                email=options["email"],
                password=options["password"],
                organisation=options["organisation"],
                ssh_public_key=_read_key(options["ssh_public_key"]),
            )
            if options["token"]:
                self.stdout.write(create_bootstrap_token(actor=actor))
        except DomainError as error:
            problems = "\n".join(f"  {part.path}: {part.message}" for part in error.errors)
            raise CommandError(f"{error.message}\n{problems}".rstrip()) from error
        except OperationalError as error:
            raise CommandError(
                f"The database does not answer. Start the platform first (make run).\n{error}"
            ) from error


def _read_key(path: str | None) -> str:
    """Return the text of the key file, empty when none is given."""
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The key {path} cannot be read: {error}") from error
