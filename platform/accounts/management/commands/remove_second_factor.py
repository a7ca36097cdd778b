"""`manage.py remove_second_factor`: for the operator who has lost app and paper himself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services.second_factor import remove_second_factor


class Command(BaseCommand):
    """Whoever may run it has the database anyway."""

    help = "Let a person in by the password alone who has lost the second factor."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options; --data is read before Django starts, by stack.environment."""
        parser.add_argument("--email", required=True, help="address of the person")
        parser.add_argument("--data", help="data folder of the stack (KINDRED_DATA, else var/)")

    def handle(self, *_args: str, **options: Any) -> None:
        """Remove it."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None or not remove_second_factor(operator=None, user=user):
            raise CommandError(f"{options['email']} has no second factor.")
        self.stdout.write(f"{user.email} signs in by the password alone now.")
