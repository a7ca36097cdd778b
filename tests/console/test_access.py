"""The console is for operators alone, obeys the strict CSP, and shows each kind of row."""

import re
from collections.abc import Callable

import pytest
from django.contrib.admin import ModelAdmin
from django.core.mail import EmailMessage
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import Membership, User
from accounts.services.invitations import invite
from console.site import console as site
from core.models import Job
from core.services.audit import record
from core.services.jobs import enqueue_job
from core.services.mails import queue_mail
from embeddings.models import Reduction, VectorSet
from folders.models import Folder, Import
from tests.factories import EmbeddingKeyFactory, UnitFactory
from tests.jobs import job_kinds

TABLES = sorted(site._registry.items(), key=lambda entry: entry[0].__name__)


def _name(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.fixture
def rows(birds: Folder, admin: User, actor_for: Callable[[User], Actor]) -> None:
    """One row of each kind at least."""
    UnitFactory.create(item__folder=birds, item__name="<b>owl</b>")
    key = EmbeddingKeyFactory.create(organisation=birds.organisation)
    VectorSet.objects.create(root=birds, key=key)
    Reduction.objects.create(root=birds, key=key, version=1, method="tsne")
    job: Job = enqueue_job(
        organisation_id=birds.organisation_id,
        user_id=admin.pk,
        kind=job_kinds.COUNT,
        title="Count <i>birds</i>",
        folder_id=birds.pk,
    )
    Import.objects.create(
        organisation=birds.organisation, folder=birds, kind="metadata", file_name="a.json", job=job
    )
    invite(actor=actor_for(admin), email="guest@example.org")
    record(actor=actor_for(admin), action="folder.looked_at", target=birds)
    queue_mail(message=EmailMessage("<u>Come in</u>", "A secret link", to=["guest@example.org"]))


def _addresses() -> list[str]:
    return [reverse("admin:index"), reverse("admin:live")] + [
        reverse(f"admin:{_name(model)}_changelist") for model, _ in TABLES
    ]


@pytest.mark.parametrize("address", _addresses())
def test_console__is_for_operators_alone(address: str, admin: User, member: User) -> None:
    member.is_staff = True
    member.save()
    assert Client().get(address).status_code == 302
    for person in (admin, member):
        client = Client()
        client.force_login(person)
        assert client.get(address, follow=True).status_code == 403


def test_console__an_operator_who_is_out_is_out(console: Client, operator: User) -> None:
    operator.is_superuser = False
    operator.save()

    assert console.get("/console/", follow=True).status_code == 403


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(("model", "page"), TABLES, ids=lambda part: getattr(part, "__name__", ""))
def test_table__shows_its_rows_and_changes_none(
    console: Client, model: type[Model], page: "ModelAdmin[Model]"
) -> None:
    listed = console.get(reverse(f"admin:{_name(model)}_changelist"))
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    one = console.get(reverse(f"admin:{_name(model)}_change", args=[row.pk]))

    for answer in (listed, one):
        assert answer.status_code == 200
        _obeys_the_csp(answer.content.decode(), answer["Content-Security-Policy"])
        assert "A secret link" not in answer.content.decode()
    assert console.post(reverse(f"admin:{_name(model)}_change", args=[row.pk])).status_code == 403
    assert console.post(reverse(f"admin:{_name(model)}_delete", args=[row.pk])).status_code == 403


@pytest.mark.usefixtures("rows")
def test_overview__obeys_the_csp_and_names_what_runs(console: Client) -> None:
    answer = console.get("/console/")
    page = answer.content.decode()

    assert answer.status_code == 200
    _obeys_the_csp(page, answer["Content-Security-Policy"])
    assert "Queues and workers" in page
    assert page.count("<figure") == 4
    assert 'hx-get="/console/live/"' in page


def test_console__has_no_passwords_to_show(console: Client, admin: User) -> None:
    page = console.get(reverse("admin:accounts_user_change", args=[admin.pk])).content.decode()

    assert admin.email in page
    assert admin.password not in page


def test_console__knows_no_other_addresses(console: Client, member: User) -> None:
    assert console.get("/console/nothing/here/").status_code == 404
    assert console.get("/console/password_change/").status_code == 404
    assert Membership.objects.filter(user=member).exists()


def _obeys_the_csp(page: str, policy: str) -> None:
    """Nothing inline: Django's styles come as files, and ours too."""
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']", page)
    for script in re.findall(r"<script\b[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script
