"""`manage.py demo`: brings the demo in; `--reset` makes it anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership
from core.errors import DomainError
from portal.demo.build import build_demo, find_demo, remove_demo


class Command(BaseCommand):
    """Works beside a running stack, whose workers make thumbnails and maps."""

    help = "Bring in the demo: handwritten digits with two embeddings, a video, and their maps."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options; --data is read before Django starts, by stack.environment."""
        parser.add_argument("--reset", action="store_true", help="delete the demo's folder first")
        parser.add_argument("--organisation", help="name; the oldest organisation unless given")
        parser.add_argument("--data", help="data folder of the stack (KINDRED_DATA, else var/)")

    def handle(self, *_args: str, **options: Any) -> None:
        """Make the demo unless it is there."""
        actor = _administrator(options["organisation"])
        try:
            if options["reset"] and remove_demo(actor=actor):
                self.stdout.write("The demo's folder was deleted.")
            if find_demo(actor) is not None:
                self.stdout.write("The demo is there already; --reset makes it anew.")
                return
            folder = build_demo(actor=actor)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"The demo is in the folder “{folder.name}”; its maps are on their way.")


def _administrator(organisation: str | None) -> Actor:
    """The first administrator of the organisation; the demo is brought in by him."""
    administrators = Membership.objects.filter(role=OrganisationRole.ADMIN)
    if organisation:
        administrators = administrators.filter(organisation__name=organisation)
    first = (
        administrators.select_related("user", "organisation")
        .order_by("organisation__created_at", "created_at", "pk")
        .first()
    )
    if first is None:
        raise CommandError("There is no organisation with an administrator to bring it in for.")
    return Actor(user=first.user, organisation=first.organisation)
