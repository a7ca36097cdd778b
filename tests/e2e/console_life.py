"""Two weeks in the life of a server with three organisations, for pictures of its console.

    manage.py shell -c "from tests.e2e.console_life import live; live()"

Beside a running stack; what the demo made stays.
"""

import random
from datetime import datetime, timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, User
from accounts.services.invitations import invite
from accounts.services.organisations import create_organisation
from core.metrics.searches import SEARCH_TALLY
from core.models import Job, JobLogLine, JobRetry, JobState, OutgoingMail, Tally
from folders.choices import FolderRole, ImportState
from folders.models import Import
from folders.services.folders import create_folder
from folders.services.grants import grant_folder
from tests.embeddings.worlds import make_units
from tests.factories import UserFactory

DAYS = 14
ORGANISATIONS = {
    "Lighthouse Lab": (("Ada Marsh", "Ben Okoro", "Carla Ruiz"), ("Seabirds", "Night flights")),
    "Harbour Works": (("Dmitri Volkov", "Esra Demir"), ("Cranes", "Containers")),
    "Reef Survey": (("Farah Aziz", "Goro Sato", "Hanna Lind"), ("Corals",)),
}
KINDS = (
    ("folders.process_items", "Reading media in {}"),
    ("embeddings.reduce", "Reducing clip in {}"),
    ("folders.import", "Importing metadata into {}"),
    ("embeddings.place", "Placing units on maps of {}"),
)
_TRACEBACK = """Job failed.
Traceback (most recent call last):
  File "folders/services/processing.py", line 88, in process_item
    size = measure(file)
OSError: [Errno 28] No space left on device"""


def live() -> None:
    """Make it all, the same each time."""
    chance = random.Random(8)
    for name, (people, folders) in ORGANISATIONS.items():
        _organisation(chance, name, people, folders)
    _searches(chance)
    _retried_job()
    _waiting_mail()


def _organisation(
    chance: random.Random, name: str, people: tuple[str, ...], folders: tuple[str, ...]
) -> None:
    first, *others = (_person(one, name) for one in people)
    organisation = create_organisation(user=first, name=name)
    actor = Actor(user=first, organisation=organisation)
    for other in others:
        Membership.objects.create(
            organisation=organisation, user=other, role=OrganisationRole.MEMBER
        )
    invite(actor=actor, email=f"guest@{_domain(name)}")
    for title in folders:
        folder = create_folder(actor=actor, name=title)
        make_units(folder, chance.randint(40, 160))
        grant_folder(actor=actor, folder=folder, role=FolderRole.EDITOR, user=others[0])
        for _ in range(chance.randint(1, 5)):
            row = Import.objects.create(
                organisation=organisation,
                folder=folder,
                kind="metadata",
                file_name="labels.json",
                state=ImportState.DONE,
            )
            Import.objects.filter(pk=row.pk).update(created_at=_moment(chance))
        for _ in range(chance.randint(10, 25)):
            _job(chance, organisation, first, title)


def _person(name: str, organisation: str) -> User:
    email = f"{name.split(maxsplit=1)[0].lower()}@{_domain(organisation)}"
    user: User = UserFactory.create(email=email, name=name)
    return user


def _domain(organisation: str) -> str:
    return f"{organisation.lower().replace(' ', '-')}.example.org"


def _moment(chance: random.Random) -> datetime:
    """Some time of the last days, of which those at weekends are quiet."""
    moment = timezone.now() - timedelta(minutes=chance.randint(10, DAYS * 24 * 60))
    quiet = moment.weekday() >= 5 and chance.random() < 0.7
    return moment - timedelta(days=2) if quiet else moment


def _job(chance: random.Random, organisation: Organisation, user: User, folder: str) -> None:
    kind, title = chance.choice(KINDS)
    began = _moment(chance)
    ended = began + timedelta(seconds=chance.randint(1, 900))
    failed = chance.random() < 0.06
    count = chance.randint(50, 40_000)
    job = Job.objects.create(
        organisation=organisation,
        actor=user,
        kind=kind,
        title=title.format(folder),
        state=JobState.FAILED if failed else JobState.FINISHED,
        done=count,
        total=count,
        attempts=1,
        started_at=began,
        ended_at=ended,
        error_code="unavailable" if failed else "",
        error_message="The storage did not answer." if failed else "",
    )
    Job.objects.filter(pk=job.pk).update(created_at=began)


def _searches(chance: random.Random) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for age in range(DAYS * 24):
        moment = hour - timedelta(hours=age)
        works = 8 <= moment.hour < 18 and moment.weekday() < 5
        count = chance.randint(20, 90) if works else chance.randint(0, 4)
        Tally.objects.update_or_create(name=SEARCH_TALLY, hour=moment, defaults={"count": count})


def _retried_job() -> None:
    """One that failed, was tried again and failed once more, with what it wrote."""
    person = User.objects.get(name="Ada Marsh")
    organisation = Organisation.objects.get(name="Lighthouse Lab")
    now = timezone.now()
    message = "The disk of the server is full. Free some space and try it again."
    ended = {"state": JobState.FAILED, "error_code": "disk_full", "error_message": message}
    job = Job.objects.create(
        organisation=organisation,
        actor=person,
        kind="folders.process_items",
        title="Reading media in Seabirds",
        queue="media",
        step="Reading media",
        done=1204,
        total=5310,
        attempts=1,
        started_at=now - timedelta(minutes=9),
        ended_at=now - timedelta(minutes=4),
        **ended,
    )
    JobRetry.objects.create(
        job=job,
        actor=person,
        step="Reading media",
        done=880,
        total=5310,
        attempts=1,
        started_at=now - timedelta(minutes=52),
        ended_at=now - timedelta(minutes=31),
        **ended,
    )
    for minutes in (31, 4):
        JobLogLine.objects.create(
            job=job,
            attempt=1,
            at=now - timedelta(minutes=minutes),
            level="ERROR",
            text=_TRACEBACK,
        )


def _waiting_mail() -> None:
    """A mail that the mail server did not take."""
    recipient = "guest@harbour-works.example.org"
    # Not due when the transaction ends, so that nobody sends it.
    with transaction.atomic():
        send_mail("Dmitri Volkov invites you to Harbour Works", "The link", None, [recipient])
        OutgoingMail.objects.filter(recipient=recipient).update(
            attempts=7,
            next_at=timezone.now() + timedelta(minutes=28),
            error="SMTPServerDisconnected: Connection unexpectedly closed",
        )
