"""The frame of every page: navigation, theme, errors, and what the strict CSP forbids."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import path, reverse

from accounts.models import Organisation, User
from core.errors import Conflict, FieldError, InvalidInput, Unavailable
from tests.factories import MembershipFactory

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _broken(request: HttpRequest, kind: str) -> HttpResponse:
    if kind == "conflict":
        raise Conflict("The folder is being moved. Wait until the move has ended.")
    if kind == "away":
        raise Unavailable
    if kind == "fields":
        wrong = [FieldError(f"items.{n}.name", "A name is missing.") for n in range(7)]
        raise InvalidInput(errors=wrong)
    if kind == "forbidden":
        raise PermissionDenied
    raise Http404


urlpatterns = [path("broken/<slug:kind>/", _broken)]


def test_home__leads_to_files_or_to_sign_in(member: User) -> None:
    assert Client().get("/")["Location"].startswith("/sign-in/")

    assert _client(member).get("/")["Location"] == reverse("files")


def test_page__names_organisation_person_and_section(
    organisation: Organisation, member: User
) -> None:
    page = _client(member).get(reverse("jobs")).content.decode()

    assert organisation.name in page
    assert member.email in page
    current = re.findall(r'<a class="nav-link"[^>]*aria-current="page"[^>]*>', page)
    assert len(current) == 1
    assert reverse("jobs") in current[0]


def test_page__offers_other_organisations_only_to_their_members(
    member: User, other_organisation: Organisation
) -> None:
    before = _client(member).get(reverse("jobs")).content.decode()
    assert other_organisation.name not in before

    MembershipFactory.create(user=member, organisation=other_organisation)
    page = _client(member).get(reverse("jobs")).content.decode()

    assert other_organisation.name in page
    assert reverse("switch-organisation") in page


def test_page__carries_what_htmx_needs_under_the_csp(member: User) -> None:
    answer = _client(member).get(reverse("jobs"))
    page = answer.content.decode()

    config = re.search(r"<meta name=\"htmx-config\" content='(.*?)'>", page, re.DOTALL)
    assert config is not None
    assert json.loads(config[1])["allowEval"] is False
    assert json.loads(config[1])["includeIndicatorStyles"] is False
    assert "X-CSRFToken" in page
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_template__obeys_the_csp(template: Path) -> None:
    text = template.read_text()

    assert not re.search(r"\sstyle\s*=", text), "Styles belong into frontend/src/styles."
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "Handlers belong into frontend/src."
    assert "<style" not in text
    assert "hx-on" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize(
    ("name", "value", "attribute"),
    [("theme", "dark", 'data-theme="dark"'), ("nav", "icons", 'data-nav="icons"')],
)
def test_preferences__hold_from_the_next_page_on(
    member: User, name: str, value: str, attribute: str
) -> None:
    client = _client(member)
    assert attribute not in client.get(reverse("jobs")).content.decode()

    answer = client.post(reverse("preferences"), {name: value, "next": reverse("jobs")})

    assert answer["Location"] == reverse("jobs")
    assert attribute in client.get(reverse("jobs")).content.decode()


def test_preferences__work_signed_out(db: None) -> None:
    client = Client()

    client.post(reverse("preferences"), {"theme": "dark"})

    assert 'data-theme="dark"' in client.get(reverse("sign-in")).content.decode()


def test_preferences__can_be_taken_back(member: User) -> None:
    client = _client(member)
    client.post(reverse("preferences"), {"theme": "dark"})

    client.post(reverse("preferences"), {"theme": ""})

    assert "data-theme" not in client.get(reverse("jobs")).content.decode()


def test_preferences__refuse_other_values_and_other_hosts(member: User) -> None:
    client = _client(member)
    assert client.post(reverse("preferences"), {"theme": "pink"}).status_code == 400
    assert client.get(reverse("preferences")).status_code == 405

    answer = client.post(reverse("preferences"), {"theme": "dark", "next": "//elsewhere.example/"})

    assert answer["Location"] == "/"


def test_preferences__ignore_a_forged_cookie(member: User) -> None:
    client = _client(member)
    client.cookies["kindred_theme"] = '"><script>'

    assert "data-theme" not in client.get(reverse("jobs")).content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("conflict", 409, "Wait until the move has ended."),
        ("away", 503, "Try again shortly."),
        ("fields", 400, "items.6.name"),
        ("forbidden", 403, "Ask an administrator"),
        ("missing", 404, "There is no such page"),
    ],
)
def test_error__is_a_page_that_says_what_to_do(kind: str, status: int, words: str) -> None:
    # These addresses lie outside of the real ones, whose names the shell would need.
    answer = Client(raise_request_exception=False).get(f"/broken/{kind}/")

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "<html" in answer.content.decode()


@pytest.mark.urls(__name__)
def test_error__is_a_toast_for_htmx(db: None) -> None:
    answer = Client().get("/broken/fields/", headers={"HX-Request": "true"})
    fragment = answer.content.decode()

    assert answer.status_code == 400
    assert "<html" not in fragment
    assert 'role="alert"' in fragment
    assert "items.4.name" in fragment
    assert "items.5.name" not in fragment
    assert "2 more" in fragment
    assert answer["X-Request-Id"] in fragment


def test_server_error__needs_no_context() -> None:
    page = render_to_string("500.html")

    assert "Something broke on our side" in page


def test_messages__become_toasts_out_of_band() -> None:
    request = RequestFactory().get("/")

    quiet = render_to_string("partials/messages.html", {"messages": []}, request)
    context = {"messages": ["Saved."]}
    spoken = render_to_string("partials/messages.html", context)

    assert "hx-swap-oob" not in quiet
    assert 'hx-swap-oob="beforeend:#toasts"' in spoken
    assert "Saved." in spoken
