"""What the frame of every page shows."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from accounts.actor import Actor
from accounts.middleware import actor_of
from accounts.models import Organisation
from core.errors import NotSignedIn
from core.models import Job
from portal.preferences import THEMES, preference

# First part of an address -> section of the navigation.
_SECTIONS = {
    "files": "files",
    "items": "files",
    "imports": "files",
    "explorer": "explorer",
    "collections": "collections",
    "compare": "collections",
    "schema": "schema",
    "integrations": "integrations",
    "jobs": "jobs",
    "members": "members",
    "teams": "members",
    "organisation": "members",
    "account": "keys",
}


@dataclass(frozen=True)
class JobsSummary:
    """The active jobs that a person sees, as the top bar names them."""

    count: int
    percent: int | None


class Shell:
    """Variables of the shell; each is looked up only when a template asks for it."""

    themes = THEMES

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _actor(self) -> Actor | None:
        try:
            return actor_of(self._request)
        except NotSignedIn:
            return None

    @property
    def theme(self) -> str:
        """ "light", "dark", or "" to follow the system."""
        return preference(self._request, "theme")

    @property
    def nav(self) -> str:
        """ "labels", "icons", or "" to leave it to the page."""
        return preference(self._request, "nav")

    @property
    def section(self) -> str:
        """Which link of the navigation is the present one."""
        first = self._request.path.strip("/").split("/")[0]
        if self._request.path.startswith("/account/") and "/keys/" not in self._request.path:
            return ""
        return _SECTIONS.get(first, "")

    @property
    def organisation(self) -> Organisation | None:
        """The organisation that the person works in."""
        return self._actor.organisation if self._actor else None

    @property
    def is_administrator(self) -> bool:
        """Whether he administers that organisation."""
        return self._actor is not None and self._actor.is_organisation_admin

    @cached_property
    def organisations(self) -> list[Organisation]:
        """All organisations that he may switch to."""
        if self._actor is None:
            return []
        return list(
            Organisation.objects.filter(memberships__user=self._actor.user).order_by("name", "pk")
        )

    @cached_property
    def jobs(self) -> JobsSummary:
        """What the indicator in the top bar says."""
        if self._actor is None:
            return JobsSummary(count=0, percent=None)
        return summarise_jobs(self._actor)


def summarise_jobs(actor: Actor) -> JobsSummary:
    """Count the active jobs that the actor sees, with their mean progress if one is known."""
    jobs = list(Job.objects.visible_to(actor).active())
    percents = [job.percent for job in jobs if job.percent is not None]
    percent = round(sum(percents) / len(percents)) if percents else None
    return JobsSummary(count=len(jobs), percent=percent)
