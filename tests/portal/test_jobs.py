"""The Jobs page, the drawer, the indicator, cancelling and trying again."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from core.models import Job, JobRetry, JobState
from folders.models import Folder
from tests.jobs import job_kinds, run_jobs

HTMX = {"HX-Request": "true"}


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _job(organisation: Organisation, user: User, **columns: object) -> Job:
    values: dict[str, object] = {"kind": "test.kind", "title": "Reducing clip", **columns}
    return Job.objects.create(organisation=organisation, actor=user, **values)


def test_jobs__sends_strangers_to_sign_in(db: None) -> None:
    for name in ("jobs", "jobs-indicator", "jobs-drawer"):
        answer = Client().get(reverse(name))

        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/?next=")


def test_jobs__shows_own_jobs_and_those_of_visible_folders(
    organisation: Organisation, birds: Folder, viewer: User, member: User, outsider: User
) -> None:
    _job(organisation, member, title="Import of owls")
    _job(organisation, member, title="Reducing birds", folder_id=birds.pk)
    assert "Import of owls" not in _client(outsider).get(reverse("jobs")).content.decode()

    page = _client(viewer).get(reverse("jobs")).content.decode()

    assert "Reducing birds" in page
    assert "Import of owls" not in page
    assert "Import of owls" in _client(member).get(reverse("jobs")).content.decode()


def test_jobs__says_why_the_page_is_empty(member: User) -> None:
    page = _client(member).get(reverse("jobs")).content.decode()

    assert "No jobs yet" in page
    assert "every 1s" not in page


def test_jobs__shows_progress_and_asks_again(organisation: Organisation, member: User) -> None:
    _job(
        organisation,
        member,
        state=JobState.RUNNING,
        step="Laying out, 320 of 500",
        done=32,
        total=50,
    )

    answer = _client(member).get(reverse("jobs"), headers=HTMX)
    fragment = answer.content.decode()

    assert "<html" not in fragment
    assert "Laying out, 320 of 500" in fragment
    assert "64 %" in fragment
    assert '<progress class="progress-bar" max="100" value="64"' in fragment
    assert 'hx-trigger="every 1s"' in fragment


def test_jobs__shows_why_a_job_failed(organisation: Organisation, member: User) -> None:
    _job(
        organisation,
        member,
        state=JobState.FAILED,
        error_message="The disk is full. Free some space and start it again.",
        ended_at=timezone.now(),
    )

    fragment = _client(member).get(reverse("jobs"), headers=HTMX).content.decode()

    assert "The disk is full." in fragment
    assert "every 1s" not in fragment


def test_jobs__pages_without_gaps(organisation: Organisation, member: User) -> None:
    # One transaction gives many rows the same moment: ties are broken by id.
    moment = timezone.now()
    jobs = [_job(organisation, member, title=f"Job {n:03}") for n in range(60)]
    Job.objects.update(created_at=moment)
    Job.objects.filter(pk=jobs[0].pk).update(created_at=moment - timedelta(days=1))
    client = _client(member)

    first = client.get(reverse("jobs"))
    second = client.get(reverse("jobs"), {"before": first.context["older"]})

    shown = [job.pk for page in (first, second) for job in page.context["jobs"]]
    assert len(shown) == 60
    assert len(set(shown)) == 60
    assert shown[-1] == jobs[0].pk
    assert second.context["older"] == ""


@pytest.mark.parametrize("cursor", ["x", "2026-01-01_x", "_", "2026-01-01T00:00:00+00:00_"])
def test_jobs__refuses_a_made_up_cursor(member: User, cursor: str) -> None:
    answer = _client(member).get(reverse("jobs"), {"before": cursor})

    assert answer.status_code == 400
    assert "Begin at the first page" in answer.content.decode()


def test_jobs_indicator__polls_only_while_something_runs(
    organisation: Organisation, member: User
) -> None:
    client = _client(member)
    idle = client.get(reverse("jobs-indicator"), headers=HTMX).content.decode()
    assert "every 2s" not in idle
    assert "jobs-changed from:body" in idle

    _job(organisation, member, state=JobState.RUNNING, done=1, total=4)
    _job(organisation, member, state=JobState.RUNNING, done=3, total=4)
    _job(organisation, member)
    busy = client.get(reverse("jobs-indicator"), headers=HTMX).content.decode()

    assert "every 2s" in busy
    assert "3 jobs · 50 %" in busy


def test_jobs_drawer__shows_active_jobs_first(organisation: Organisation, member: User) -> None:
    _job(organisation, member, title="Old but running", state=JobState.RUNNING)
    for n in range(12):
        _job(organisation, member, title=f"Ended {n}", state=JobState.FINISHED)

    fragment = _client(member).get(reverse("jobs-drawer"), headers=HTMX).content.decode()

    assert fragment.index("Old but running") < fragment.index("Ended 11")
    assert fragment.count('class="progress-row') == 8
    assert "every 1s" in fragment


def test_job_cancel__is_for_who_started_it(
    organisation: Organisation,
    birds: Folder,
    viewer: User,
    member: User,
    outsider: User,
    admin: User,
) -> None:
    job = _job(organisation, member, folder_id=birds.pk)
    address = reverse("job-cancel", args=[job.pk])
    assert _client(outsider).post(address).status_code == 404
    assert _client(viewer).post(address).status_code == 403
    assert "Cancel</button>" not in _client(viewer).get(reverse("jobs")).content.decode()
    assert "Cancel</button>" in _client(admin).get(reverse("jobs")).content.decode()

    answer = _client(member).post(address, headers=HTMX)

    assert answer.status_code == 200
    assert "Cancelled" in answer.content.decode()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_job_cancel__goes_back_to_the_page_without_scripts(
    organisation: Organisation, member: User
) -> None:
    job = _job(organisation, member, state=JobState.RUNNING)
    client = _client(member)

    answer = client.post(reverse("job-cancel", args=[job.pk]), {"next": "/schema/"})
    elsewhere = client.post(
        reverse("job-cancel", args=[job.pk]), {"next": "https://elsewhere.example/"}
    )

    assert answer["Location"] == "/schema/"
    assert elsewhere["Location"] == reverse("jobs")
    job.refresh_from_db()
    assert job.cancel_requested


def test_job_cancel__of_no_job_is_a_404(member: User) -> None:
    answer = _client(member).post(reverse("job-cancel", args=[uuid.uuid4()]))

    assert answer.status_code == 404


def test_job_retry__is_for_who_started_it(
    organisation: Organisation,
    birds: Folder,
    viewer: User,
    member: User,
    outsider: User,
    admin: User,
) -> None:
    job = _job(
        organisation,
        member,
        kind=job_kinds.COUNT,
        payload={"to": 1},
        folder_id=birds.pk,
        state=JobState.FAILED,
        error_message="The disk is full.",
        ended_at=timezone.now(),
    )
    address = reverse("job-retry", args=[job.pk])
    assert _client(outsider).post(address).status_code == 404
    assert _client(viewer).post(address).status_code == 403
    assert "Try again</button>" not in _client(viewer).get(reverse("jobs")).content.decode()
    assert "Try again</button>" in _client(admin).get(reverse("jobs")).content.decode()

    answer = _client(member).post(address, headers=HTMX)

    assert answer.status_code == 200
    assert answer["HX-Trigger"] == "jobs-changed"
    assert "Waiting for a worker" in answer.content.decode()
    run_jobs()
    for name in ("jobs", "jobs-drawer"):
        page = _client(viewer).get(reverse(name)).content.decode()
        assert "Done" in page
        assert "Tried before, failed" in page
        assert "The disk is full." in page
        assert "Try again</button>" not in page


def test_job_retry__is_not_offered_for_what_undoes_itself(
    organisation: Organisation, member: User
) -> None:
    job = _job(organisation, member, kind="folders.import", state=JobState.FAILED)
    client = _client(member)

    assert "Try again</button>" not in client.get(reverse("jobs")).content.decode()
    answer = client.post(reverse("job-retry", args=[job.pk]))

    assert answer.status_code == 409
    assert "Begin it anew" in answer.content.decode()


def test_jobs__ask_no_more_for_many_that_were_tried_again(
    organisation: Organisation, member: User
) -> None:
    client = _client(member)
    ended = {"state": JobState.FAILED, "ended_at": timezone.now()}
    # The first page of a session asks more.
    client.get(reverse("jobs"))
    for count in (1, 9):
        for _ in range(count):
            job = _job(organisation, member, **ended)
            JobRetry.objects.create(job=job, attempts=1, done=0, **ended)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("jobs"))
        if count == 1:
            first = len(captured)
    assert len(captured) == first
