"""Signing in and out: safe ways on, and a brake on guessing."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.constants import SIGN_IN_FAILURES, SIGN_IN_FAILURES_PER_EMAIL, SIGN_IN_WINDOW
from accounts.models import Membership, Organisation, SignInAttempt, User

PASSWORD = "correct horse battery"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> int:
    body = {"email": email, "password": password}
    return client.post("/sign-in/", body, **extra).status_code  # type: ignore[arg-type]


def test_pages__lead_to_the_sign_in_page_and_back(client: Client, member: User) -> None:
    away = client.get("/account/keys/?a=b")
    assert away.status_code == 302
    assert away.headers["Location"] == "/sign-in/?next=%2Faccount%2Fkeys%2F%3Fa%3Db"

    page = client.get(away.headers["Location"])
    back = client.post(
        "/sign-in/", {"email": member.email, "password": PASSWORD, "next": "/account/keys/?a=b"}
    )

    assert b'name="next" value="/account/keys/?a=b"' in page.content
    assert back.headers["Location"] == "/account/keys/?a=b"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "/sign-in/",
        "\\\\evil",
        "",
    ],
)
def test_sign_in__never_leads_off_this_host(client: Client, member: User, target: str) -> None:
    body = {"email": member.email, "password": PASSWORD, "next": target}

    assert client.post("/sign-in/", body).headers["Location"] == "/"


def test_sign_in__tells_the_same_for_a_wrong_password_and_a_wrong_address(
    client: Client, member: User
) -> None:
    wrong = client.post("/sign-in/", {"email": member.email, "password": "guess"})
    nobody = client.post("/sign-in/", {"email": "nobody@example.org", "password": "guess"})

    assert wrong.status_code == nobody.status_code == 400
    assert b"do not belong together" in wrong.content
    assert b"do not belong together" in nobody.content
    assert "_auth_user_id" not in client.session


def test_sign_in__takes_the_address_in_any_case(client: Client, member: User) -> None:
    assert sign_in(client, member.email.upper()) == 302
    assert client.session["_auth_user_id"] == str(member.pk)


def test_sign_in__not_for_inactive_people(client: Client, member: User) -> None:
    member.is_active = False
    member.save()

    assert sign_in(client, member.email) == 400


def test_sign_in__needs_both_fields_and_the_token_against_forgery(member: User) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert Client().post("/sign-in/", {}).status_code == 422
    assert sign_in(strict, member.email) == 403


def test_sign_in__somebody_without_organisation_is_told_so(
    client: Client, member: User, organisation: Organisation
) -> None:
    Membership.objects.all().delete()
    assert sign_in(client, member.email) == 302

    page = client.get("/sign-in/")

    assert page.status_code == 403
    assert b"no organisation" in page.content


def test_sign_in__stops_guessing_after_some_failures(client: Client, member: User) -> None:
    for _ in range(SIGN_IN_FAILURES):
        assert sign_in(client, member.email, "guess") == 400

    assert sign_in(client, member.email) == 429

    with time_machine.travel(timezone.now() + SIGN_IN_WINDOW + timedelta(seconds=1)):
        assert sign_in(client, member.email) == 302
    assert not SignInAttempt.objects.exists()


def test_sign_in__success_forgives(client: Client, member: User) -> None:
    for _ in range(3):
        for _ in range(SIGN_IN_FAILURES - 1):
            assert sign_in(client, member.email, "guess") == 400
        assert sign_in(client, member.email) == 302


def test_sign_in__a_guesser_elsewhere_locks_the_owner_out_only_late(
    client: Client, member: User
) -> None:
    for _ in range(SIGN_IN_FAILURES + 3):
        sign_in(client, member.email, "guess", REMOTE_ADDR="203.0.113.7")
    assert sign_in(client, member.email) == 302

    for number in range(SIGN_IN_FAILURES_PER_EMAIL):
        SignInAttempt.objects.create(email=member.email, client=f"198.51.100.{number}")
    assert sign_in(client, member.email) == 429


def test_sign_out__ends_the_session_by_post_only(client: Client, member: User) -> None:
    client.force_login(member)
    assert client.get("/sign-out/").status_code == 405

    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"

    assert client.get("/account/").status_code == 302


def test_sign_in__is_not_cached(client: Client, db: None) -> None:
    assert "no-store" in client.get("/sign-in/").headers["Cache-Control"]
