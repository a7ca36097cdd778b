"""The page of integrations, its dialogs, and the same over REST."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from folders.models import Folder
from integrations.models import Integration
from integrations.secret import decrypt
from integrations.services import integrations as services
from tests.factories import ItemFactory
from tests.folders.media_files import png
from tests.integrations.s3_server import ACCESS_KEY, REGION, SECRET_KEY, S3Server
from tests.integrations.web_server import WebServer

ActorFor = Callable[[User], Actor]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cameras(s3: S3Server, admin: User, actor_for: ActorFor, loopback: None) -> Integration:
    """A bucket."""
    return services.create_integration(
        actor=actor_for(admin),
        name="Cameras",
        provider="s3",
        settings={
            "bucket": "field-cameras",
            "endpoint": s3.endpoint,
            "region": REGION,
            "access_key": ACCESS_KEY,
        },
        secret={"secret_key": SECRET_KEY},
    )


def browser(user: User) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


def call(user: User, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """A REST call."""
    text = json.dumps(body or {})
    return browser(user).generic(
        method, f"/api/v1/integrations/{path}", text, content_type="application/json"
    )


def test_page__members_see_names_and_no_buttons(cameras: Integration, member: User) -> None:
    page = browser(member).get(reverse("integrations")).content.decode()

    assert "Cameras" in page
    assert "Web addresses" in page
    assert "field-cameras" not in page
    assert "Add integration" not in page
    assert reverse("integration-test", args=[cameras.pk]) not in page


def test_page__administrators_see_where_it_reads_from(cameras: Integration, admin: User) -> None:
    page = browser(admin).get(reverse("integrations")).content.decode()

    assert "field-cameras at http://127.0.0.1" in page
    assert "Any public address" in page
    assert reverse("integration-edit", args=[cameras.pk]) in page
    assert SECRET_KEY not in page
    built_in = Integration.objects.get(is_default=True, organisation=cameras.organisation)
    assert reverse("integration-edit", args=[built_in.pk]) not in page
    assert reverse("integration-test", args=[built_in.pk]) in page


def test_create__by_the_dialog(admin: User, member: User) -> None:
    address = reverse("integration-create", args=["s3"])
    values = {"name": "Owls", "bucket": "owls", "access_key": "AK", "secret_key": "geheim"}
    assert browser(member).post(address, values).status_code == 403

    dialog = browser(admin).get(address, headers=HTMX).content.decode()
    answer = browser(admin).post(address, values, headers=HTMX)

    assert 'name="through_us"' in dialog
    assert 'type="password"' in dialog
    assert (answer.status_code, answer["HX-Redirect"]) == (204, reverse("integrations"))
    made = Integration.objects.get(name="Owls")
    assert made.settings == {"bucket": "owls", "access_key": "AK"}
    assert decrypt(made.secret) == {"secret_key": "geheim"}


def test_create__without_a_script(admin: User) -> None:
    address = reverse("integration-create", args=["s3"])

    answer = browser(admin).post(address, {"name": "Owls", "bucket": "owls"})

    assert (answer.status_code, answer["Location"]) == (303, reverse("integrations"))
    assert browser(admin).get(reverse("integration-create", args=["ftp"])).status_code == 404


def test_create__what_is_wrong_stands_at_its_field(admin: User) -> None:
    address = reverse("integration-create", args=["s3"])
    values = {"name": "Owls", "bucket": "no bucket", "secret_key": "geheim"}

    answer = browser(admin).post(address, values, headers=HTMX)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is no name of a bucket." in page
    assert "Give the access key, too." in page
    assert "geheim" not in page
    assert 'value="no bucket"' in page


def test_edit__shows_what_is_set_and_no_secret(
    cameras: Integration, admin: User, member: User, outsider: User
) -> None:
    address = reverse("integration-edit", args=[cameras.pk])
    assert browser(outsider).get(address).status_code == 404
    assert browser(member).get(address).status_code == 403

    page = browser(admin).get(address, headers=HTMX).content.decode()

    assert 'value="field-cameras"' in page
    assert "Set; leave empty to keep it" in page
    assert SECRET_KEY not in page
    assert cameras.secret not in page


def test_edit__secret_left_empty_stays(cameras: Integration, admin: User) -> None:
    values = {"name": "Night cameras", **cameras.settings, "prefix": "night/", "secret_key": ""}

    answer = browser(admin).post(reverse("integration-edit", args=[cameras.pk]), values)

    assert answer.status_code == 303
    cameras.refresh_from_db()
    assert (cameras.name, cameras.settings["prefix"]) == ("Night cameras", "night/")
    assert decrypt(cameras.secret) == {"secret_key": SECRET_KEY}


def test_delete__says_how_many_items_need_it(
    cameras: Integration, admin: User, birds: Folder
) -> None:
    address = reverse("integration-delete", args=[cameras.pk])
    item = ItemFactory.create(folder=birds, integration=cameras, object_url="s3://field-cameras/a")

    asked = browser(admin).get(address, headers=HTMX).content.decode()
    refused = browser(admin).post(address, follow=True).content.decode()
    item.delete()
    done = browser(admin).post(address, follow=True).content.decode()

    assert "1 item is read through it" in asked
    assert 'type="submit"' not in asked
    assert "1 item is read through “Cameras”" in refused
    assert "The integration “Cameras” was deleted." in done
    assert not Integration.objects.filter(pk=cameras.pk).exists()


def steps(user: User, integration: Integration, url: str = "") -> tuple[bool, dict[str, str], str]:
    """Whether a test passed, the outcome of each step, and what the telling one said."""
    report = call(user, "POST", f"{integration.pk}/test/", {"url": url}).json()
    outcomes = {step["key"]: step["outcome"] for step in report["steps"]}
    return report["passed"], outcomes, "".join(step["detail"] for step in report["steps"])


def test_test__passes(cameras: Integration, s3: S3Server, admin: User, member: User) -> None:
    url = s3.put("field-cameras", "2026/owl.png", png())
    assert call(member, "POST", f"{cameras.pk}/test/").status_code == 403

    listed, outcomes, _ = steps(admin, cameras)
    read, _, found = steps(admin, cameras, url)

    assert listed
    assert read
    assert set(outcomes.values()) == {"passed"}
    assert found == f"image/png, {len(png())} bytes."


def test_test__page_shows_every_step(cameras: Integration, admin: User) -> None:
    address = reverse("integration-test", args=[cameras.pk])

    before = browser(admin).get(address, headers=HTMX).content.decode()
    after = browser(admin).post(address, {"url": ""}, headers=HTMX).content.decode()

    assert "integration-steps" not in before
    assert "The connection works." in after
    for name in ("Name resolution", "Allowed network", "Authentication", "Listing the bucket"):
        assert name in after
    # The endpoint speaks no TLS, so there is no such step.
    assert "TLS" not in after


def test_test__wrong_secret(cameras: Integration, admin: User, actor_for: ActorFor) -> None:
    services.update_integration(
        actor=actor_for(admin), integration=cameras, secret={"secret_key": "another"}
    )

    passed, outcomes, detail = steps(admin, cameras)

    assert not passed
    assert outcomes == {
        "location": "passed",
        "name": "passed",
        "network": "passed",
        "connection": "passed",
        "authentication": "failed",
        "reading": "skipped",
    }
    assert "SignatureDoesNotMatch" in detail


@pytest.mark.parametrize(
    ("url", "failed", "sentence"),
    [
        ("s3://other/a.png", "location", "of the bucket other"),
        ("s3://field-cameras/nothing.png", "reading", "There is nothing at this address"),
        ("s3://field-cameras/forbidden/a.png", "reading", "refuses access (403 AccessDenied)"),
    ],
)
def test_test__object_that_cannot_be_read(
    cameras: Integration, admin: User, url: str, failed: str, sentence: str
) -> None:
    passed, outcomes, detail = steps(admin, cameras, url)

    assert not passed
    assert [key for key, outcome in outcomes.items() if outcome == "failed"] == [failed]
    assert sentence in detail


def test_test__refused_network_unknown_name_and_nobody_there(
    cameras: Integration, admin: User, settings: LazySettings
) -> None:
    def failed_with(endpoint: str) -> str:
        cameras.settings["endpoint"] = endpoint
        cameras.save()
        _, outcomes, _ = steps(admin, cameras)
        return next(key for key, outcome in outcomes.items() if outcome == "failed")

    assert failed_with("http://127.0.0.1:1") == "connection"
    assert failed_with("https://nothing.invalid") == "name"
    settings.FETCH_ALLOW = []
    assert failed_with("https://127.0.0.1:1") == "network"


def test_test__web_addresses_take_one(
    cameras: Integration, web: WebServer, admin: User, outsider: User
) -> None:
    built_in = services.default_integration(cameras.organisation)
    url = web.add("/owl.png", content=png(), ranges=False)

    without = browser(admin).post(
        reverse("integration-test", args=[built_in.pk]), {"url": " "}, headers=HTMX
    )
    passed, _, found = steps(admin, built_in, url)

    assert without.status_code == 422
    assert "Give the address of an object to read." in without.content.decode()
    assert call(admin, "POST", f"{built_in.pk}/test/").json()["errors"][0]["path"] == "url"
    assert passed
    assert "the server cannot send parts of it" in found
    assert call(outsider, "POST", f"{built_in.pk}/test/").status_code == 404


def test_test__lost_key(cameras: Integration, admin: User) -> None:
    client = browser(admin)
    Integration.objects.update(secret="opened by no key")

    answer = client.post(
        f"/api/v1/integrations/{cameras.pk}/test/", {}, content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "secret_lost")


def test_rest__secrets_never_leave(cameras: Integration, admin: User, member: User) -> None:
    seen = call(admin, "GET", f"{cameras.pk}/").json()
    by_member = call(member, "GET", f"{cameras.pk}/").json()
    listed = call(member, "GET", "").json()["results"]

    assert seen["secret"] == {"secret_key": True}
    assert seen["settings"]["bucket"] == "field-cameras"
    assert (by_member["settings"], by_member["secret"]) == (None, None)
    assert by_member["name"] == "Cameras"
    assert [row["name"] for row in listed] == ["Cameras"]
    assert SECRET_KEY not in str([seen, by_member, listed])


def test_rest__made_changed_and_deleted(admin: User) -> None:
    wanted = {"name": "Owls", "provider": "s3", "settings": {"bucket": "owls", "through_us": True}}
    client = browser(admin)

    made = client.post("/api/v1/integrations/", wanted, content_type="application/json")
    address = f"/api/v1/integrations/{made.json()['id']}/"
    wrong = client.patch(address, {"settings": {"bucket": ""}}, content_type="application/json")
    changed = client.patch(
        address,
        {"settings": {"bucket": "owls", "access_key": "AK"}, "secret": {"secret_key": "s"}},
        content_type="application/json",
    )
    gone = client.delete(address)

    assert made.status_code == 201
    assert made.json()["settings"] == {"bucket": "owls", "through_us": "1"}
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (400, "bucket")
    assert changed.json()["secret"] == {"secret_key": True}
    assert gone.status_code == 204
    assert client.get(address).status_code == 404
