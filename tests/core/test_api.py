"""REST of jobs and of the audit record, and the API's description."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from drf_spectacular.validation import validate_schema

from accounts.actor import Actor
from accounts.models import Organisation, User
from core.api.docs import api_schema
from core.jobs import visibility
from core.models import AuditEvent, Job
from core.services.audit import record
from core.services.jobs import enqueue_job
from folders.models import Folder
from tests.jobs import job_kinds, run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def job(organisation: Organisation, viewer: User, birds: Folder) -> Job:
    """A job that the viewer started."""
    return enqueue_job(
        organisation_id=organisation.pk,
        user_id=viewer.pk,
        kind=job_kinds.COUNT,
        title="Count birds",
        payload={"to": 4},
        folder_id=birds.pk,
    )


@pytest.fixture
def no_hooks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Jobs are seen by who started them and by administrators alone."""
    hooks: list[Any] = []
    monkeypatch.setattr(visibility, "_hooks", hooks)
    return hooks


def listed(client: Client, user: User, query: str = "") -> list[str]:
    client.force_login(user)
    return [row["id"] for row in client.get(f"/api/v1/jobs/{query}").json()["results"]]


def test_jobs__are_seen_by_their_starter_and_administrators(
    client: Client, job: Job, admin: User, viewer: User, editor: User, outsider: User, no_hooks: Any
) -> None:
    assert listed(client, outsider) == []
    assert listed(client, editor) == []

    assert listed(client, viewer) == listed(client, admin) == [str(job.pk)]


def test_jobs__hooks_open_them_to_who_sees_what_they_work_on(
    client: Client, job: Job, editor: User, outsider: User, no_hooks: list[Any], birds: Folder
) -> None:
    no_hooks.append(lambda actor: Q(folder_id=birds.pk))

    assert listed(client, editor) == [str(job.pk)]
    assert listed(client, outsider) == []


def test_jobs__the_list_is_narrowed(client: Client, job: Job, viewer: User) -> None:
    own = [str(job.pk)]

    assert listed(client, viewer, "?state=active") == own
    assert listed(client, viewer, "?state=finished") == []
    assert listed(client, viewer, "?kind=tests.count") == own
    assert listed(client, viewer, "?kind=other") == []
    assert listed(client, viewer, f"?folder={job.folder_id}") == own
    assert client.get("/api/v1/jobs/?state=done").json()["errors"][0]["path"] == "state"


def test_jobs__tell_progress_and_outcome(client: Client, job: Job, viewer: User) -> None:
    client.force_login(viewer)
    before = client.get(f"/api/v1/jobs/{job.pk}/").json()

    run_jobs()

    after = client.get(f"/api/v1/jobs/{job.pk}/").json()
    assert (before["state"], before["percent"], before["error"]) == ("queued", None, None)
    assert (after["state"], after["done"], after["total"], after["percent"]) == (
        "finished",
        4,
        4,
        100,
    )
    assert after["folder"] == str(job.folder_id)


def test_jobs__a_failed_one_tells_why(
    client: Client, organisation: Organisation, viewer: User
) -> None:
    job = enqueue_job(
        organisation_id=organisation.pk, user_id=viewer.pk, kind="tests.refuse", title="Refuse"
    )
    run_jobs()
    client.force_login(viewer)

    error = client.get(f"/api/v1/jobs/{job.pk}/").json()["error"]

    assert error["code"] == "invalid_input"
    assert error["message"].startswith("The file is no image.")


def test_jobs__are_cancelled_by_their_starter_and_administrators(
    client: Client, job: Job, viewer: User, editor: User, no_hooks: list[Any]
) -> None:
    address = f"/api/v1/jobs/{job.pk}/cancel/"
    client.force_login(editor)
    assert client.post(address).status_code == 404
    no_hooks.append(lambda actor: Q(folder_id=job.folder_id))
    assert client.post(address).status_code == 403

    client.force_login(viewer)

    assert client.post(address).json()["state"] == "cancelled"


def test_audit_events__are_for_administrators_of_the_organisation(
    client: Client, admin: User, member: User, outsider: User, actor_for: ActorFor, birds: Folder
) -> None:
    record(actor=actor_for(admin), action="folder.created", target=birds, data={"name": "Birds"})
    client.force_login(member)
    assert client.get("/api/v1/audit-events/").status_code == 403
    client.force_login(outsider)
    assert client.get("/api/v1/audit-events/").json()["results"] == []

    client.force_login(admin)

    event = client.get("/api/v1/audit-events/?action=folder.created").json()["results"][0]
    assert (event["target_type"], event["target_id"]) == ("folder", str(birds.pk))
    assert (event["actor_email"], event["data"]) == (admin.email, {"name": "Birds"})
    assert client.get("/api/v1/audit-events/?action=other").json()["results"] == []


def test_audit_events__outlive_their_actor(
    client: Client, admin: User, member: User, actor_for: ActorFor, birds: Folder
) -> None:
    record(actor=actor_for(member), action="folder.created", target=birds)
    member.delete()

    assert AuditEvent.objects.get().actor is None
    client.force_login(admin)
    assert client.get("/api/v1/audit-events/").json()["results"][0]["actor_email"] is None


def test_schema__is_made_without_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as two serializers of one name, of which only one would be described."""
    api_schema.cache_clear()

    api_schema()

    assert capsys.readouterr().err == ""


def test_schema__is_valid_and_describes_errors() -> None:
    schema = api_schema()

    validate_schema(schema)  # type: ignore[no-untyped-call]
    cancel = schema["paths"]["/api/v1/jobs/{job_id}/cancel/"]["post"]
    assert cancel["operationId"] == "jobs_cancel"
    assert cancel["responses"]["409"] == {"$ref": "#/components/responses/Conflict"}
    conflict = schema["components"]["responses"]["Conflict"]
    assert "application/problem+json" in conflict["content"]


def test_schema__is_served_to_everybody(client: Client, db: None) -> None:
    response = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})

    assert response.status_code == 200
    assert response.json()["info"]["title"] == "Kindred API"


def test_docs__hold_nothing_inline(client: Client, db: None) -> None:
    page = client.get("/api/docs/")
    script = client.get("/api/docs/?script")

    assert page.status_code == script.status_code == 200
    text = page.content.decode()
    assert "<style" not in text
    assert "style=" not in text
    assert text.count("<script") == text.count("<script src=") == 2
    assert "javascript" in script.headers["Content-Type"]
    assert "/api/schema/" in script.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/audit-events/?action=%00",
        "/api/v1/audit-events/?cursor=cD1nYXJiYWdl",  # p=garbage
        "/explorer/{root}/?order=metadata.%00",
    ],
)
def test_api__values_that_no_check_caught_are_the_callers_mistake(
    client: Client, admin: User, birds: Folder, address: str
) -> None:
    client.force_login(admin)

    answer = client.get(address.format(root=birds.pk), headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "unusable_value")


def test_api__json_nested_too_deep_is_refused(client: Client, admin: User) -> None:
    client.force_login(admin)

    answer = client.patch("/api/v1/me/", "[" * 100_000, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_api__half_a_surrogate_pair_is_refused_even_where_it_is_told_back(
    client: Client, admin: User, birds: Folder
) -> None:
    client.force_login(admin)
    address = f"/api/v1/folders/{birds.pk}/metadata/"
    body = '{"items": [{"name": "\\ud800", "metadata": {}}]}'

    answer = client.post(
        address, body, content_type="application/json", headers={"Accept": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_import")
