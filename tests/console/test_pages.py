"""What operators do in the console, and that it stays quick with many rows."""

import csv
import io
from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import Membership, Organisation, User
from accounts.services.operators import found_organisation, let_in, set_active
from console.charts import HEIGHT, bars
from console.paging import COUNTED, BoundedPaginator, time_limit
from core.errors import NotAllowed
from core.models import AuditEvent, Job, JobState
from core.services.audit import record
from core.services.jobs import enqueue_job
from folders.models import Folder, Item
from tests.accounts.test_sign_in import PASSWORD
from tests.factories import ItemFactory, UserFactory
from tests.jobs import job_kinds, run_jobs

ActorFor = Callable[[User], Actor]


def _job(organisation: Organisation, kind: str = job_kinds.COUNT) -> Job:
    return enqueue_job(
        organisation_id=organisation.pk, user_id=None, kind=kind, title="Work", payload={"to": 1}
    )


def _act(console: Client, table: str, action: str, *rows: object) -> str:
    body = {"action": action, "_selected_action": [str(row) for row in rows]}
    return console.post(reverse(f"admin:{table}_changelist"), body, follow=True).content.decode()


def test_jobs__are_cancelled_and_tried_again(console: Client, organisation: Organisation) -> None:
    job = _job(organisation)

    assert "1 asked to stop." in _act(console, "core_job", "cancel", job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED

    assert "1 queued again." in _act(console, "core_job", "retry", job.pk)
    (ended,) = run_jobs()
    assert (ended.pk, ended.state) == (job.pk, JobState.FINISHED)
    assert "Only failed and cancelled jobs" in _act(console, "core_job", "retry", job.pk)
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["job.cancel_requested", "job.retried"]


def test_job__shows_how_it_ended_before_it_was_tried_again(
    console: Client, organisation: Organisation
) -> None:
    job = _job(organisation, "tests.refuse")
    address = reverse("admin:core_job_change", args=[job.pk])
    run_jobs()
    assert "operator@example.org" not in console.get(address).content.decode()
    _act(console, "core_job", "retry", job.pk)

    page = console.get(address).content.decode()

    assert "invalid_input: The file is no image." in page
    assert page.count("tried again by operator@example.org") == 1


def test_job__shows_what_it_wrote(console: Client, organisation: Organisation) -> None:
    job = _job(organisation, "tests.break")
    run_jobs()

    page = console.get(reverse("admin:core_job_change", args=[job.pk])).content.decode()

    assert page.count("Traceback") == 1
    assert "ZeroDivisionError" in page


def test_tables__find_rows_by_ids_of_all_that_belongs_to_them(
    console: Client, organisation: Organisation, other_organisation: Organisation, birds: Folder
) -> None:
    _job(organisation)
    there = _job(other_organisation)
    address = reverse("admin:core_job_changelist")

    by_organisation = console.get(f"{address}?q={other_organisation.pk}").content.decode()
    by_link = console.get(f"{address}?organisation__id__exact={other_organisation.pk}")
    nothing = console.get(f"{address}?q={birds.pk}").content.decode()

    for page in (by_organisation, by_link.content.decode()):
        assert str(there.pk) in page
        assert page.count('class="action-select"') == 1
    assert 'class="action-select"' not in nothing


def test_items__are_found_by_name_within_a_folder_only(console: Client, birds: Folder) -> None:
    item = ItemFactory.create(folder=birds, name="owl.png")
    address = reverse("admin:folders_item_changelist")

    everywhere = console.get(f"{address}?q=owl").content.decode()
    here = console.get(f"{address}?q=owl&folder__id__exact={birds.pk}").content.decode()

    assert str(item.pk) not in everywhere
    assert str(item.pk) in here


def test_lists__count_no_further_than_they_page(console: Client, birds: Folder) -> None:
    ItemFactory.create_batch(60, folder=birds)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = console.get(reverse("admin:folders_item_changelist")).content.decode()

    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert len(counts) == 1
    assert f"LIMIT {COUNTED}" in counts[0]
    assert "60 items" in " ".join(page.split())
    assert len(queries) < 25, "however many rows there are"


def test_paginator__says_when_there_may_be_more(
    birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ItemFactory.create_batch(5, folder=birds)
    rows = Item.objects.order_by("pk")
    assert (BoundedPaginator(rows, 2).count, BoundedPaginator(rows, 2).is_bounded) == (5, False)

    monkeypatch.setattr("console.paging.COUNTED", 3)
    bounded = BoundedPaginator(rows, 2)

    assert (bounded.count, bounded.num_pages, bounded.is_bounded) == (3, 2, True)


def test_time_limit__ends_what_takes_longer_and_nothing_after_it(db: None) -> None:
    with connection.cursor() as cursor:
        with pytest.raises(OperationalError), time_limit(50):
            cursor.execute("SELECT pg_sleep(5)")
        with time_limit(5000), time_limit(50):
            cursor.execute("SELECT 1")
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0",)
        cursor.execute("SELECT pg_sleep(0.1)")


def test_list__that_takes_too_long_says_so(
    console: Client, birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reverse("admin:folders_folder_changelist")
    monkeypatch.setattr("console.admin.base.PAGE_MILLISECONDS", 20)
    slow = Folder.everything.extra(where=["pg_sleep(1) IS NOT NULL"])
    monkeypatch.setattr("console.admin.content.Folder.everything.all", lambda: slow)

    answer = console.get(f"{address}?q=Birds")

    assert answer.status_code == 302
    assert answer["Location"] == address


def test_audit__is_exported_as_searched(
    console: Client, admin: User, viewer: User, birds: Folder, actor_for: ActorFor
) -> None:
    record(actor=actor_for(admin), action="folder.renamed", target=birds, data={"name": "Vögel"})
    record(actor=actor_for(viewer), action="=cmd()", target=birds)
    listed = console.get(f"{reverse('admin:core_auditevent_changelist')}?q={admin.email}")
    assert "export/?q=admin" in listed.content.decode()

    answer = console.get(f"/console/core/auditevent/export/?q={admin.email}")
    every = console.get("/console/core/auditevent/export/").getvalue().decode()

    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["action"] for row in rows] == ["folder.renamed"]
    assert rows[0]["actor"] == admin.email
    assert "Vögel" in rows[0]["data"]
    assert "'=cmd()" in every, "no formula where the file is opened"
    assert Client().get("/console/core/auditevent/export/").status_code == 302


def test_organisation__is_made_with_its_first_administrator(console: Client, member: User) -> None:
    address = reverse("admin:accounts_organisation_add")
    wrong = console.post(address, {"name": "New Lab", "administrator": "nobody@example.org"})
    assert "Nobody has this address" in wrong.content.decode()

    assert (
        console.post(
            address, {"name": "New Lab", "administrator": member.email.upper()}
        ).status_code
        == 302
    )

    made = Organisation.objects.get(name="New Lab")
    assert Membership.objects.get(organisation=made).user == member
    assert AuditEvent.objects.filter(action="organisation.founded").count() == 1


def test_membership__lets_in_whom_nobody_else_may(
    console: Client, outsider: User, organisation: Organisation
) -> None:
    body = {"organisation": organisation.pk, "user": outsider.pk, "role": "member"}

    assert console.post(reverse("admin:accounts_membership_add"), body).status_code == 302

    assert Membership.objects.filter(organisation=organisation, user=outsider).count() == 1
    assert AuditEvent.objects.get(action="member.added").actor.email == "operator@example.org"  # type: ignore[union-attr]


def test_people__are_kept_out_and_let_in_again(
    console: Client, operator: User, member: User
) -> None:
    his = Client(headers={"User-Agent": "x"})
    his.post("/sign-in/", {"email": member.email, "password": PASSWORD})
    assert UserSession.objects.filter(user=member).exists()

    page = _act(console, "accounts_user", "deactivate", member.pk, operator.pk)

    assert "1 deactivated." in page
    assert "cannot keep yourself out" in page
    assert his.get("/account/").status_code == 302
    assert not UserSession.objects.filter(user=member).exists()
    _act(console, "accounts_user", "activate", member.pk)
    member.refresh_from_db()
    assert member.is_active


def test_people__of_no_organisation_are_kept_out_on_record(console: Client, operator: User) -> None:
    stranger = UserFactory.create()

    _act(console, "accounts_user", "deactivate", stranger.pk)

    event = AuditEvent.objects.get(action="person.deactivated")
    assert (event.actor, event.target_id) == (operator, str(stranger.pk))
    assert event.organisation is None
    listed = console.get(reverse("admin:core_auditevent_changelist")).content.decode()
    assert "person.deactivated" in listed
    export = console.get(reverse("admin:core_auditevent_export"))
    assert b"person.deactivated" in b"".join(export.streaming_content)  # type: ignore[attr-defined]


def test_operators__nobody_else_acts_as_one(admin: User, member: User, actor_for: ActorFor) -> None:
    with pytest.raises(NotAllowed):
        found_organisation(operator=admin, name="Mine", administrator=admin)
    with pytest.raises(NotAllowed):
        let_in(actor=actor_for(admin), user=member, role=actor_for(admin).role)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        set_active(operator=admin, user=member, active=False)


def test_bars__a_day_with_any_has_a_line(birds: Folder) -> None:
    days = [birds.created_at.date().replace(day=day) for day in (1, 2, 3)]

    chart = bars("Jobs", days, {days[0]: 1000, days[1]: 1})

    assert chart.total == 1001
    assert [bar.height for bar in chart.bars] == [HEIGHT, 2.0, 0.0]
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars)
    assert chart.bars[-1].x + chart.bars[-1].width <= chart.width
