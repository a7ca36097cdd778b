"""Where a person is signed in, and ending it."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts.browsers import describe_browser
from accounts.constants import SESSION_SEEN_INTERVAL
from accounts.models import User
from accounts.services import sessions
from core.models import AuditEvent
from tests.accounts.test_sign_in import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Safari/605.1.15"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
)


@pytest.fixture(autouse=True)
def _nothing_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of this process may have used sessions of the same key."""
    monkeypatch.setattr(sessions, "_noted", type(sessions._noted)())


def _signed_in(user: User, user_agent: str = FIREFOX, address: str = "203.0.113.7") -> Client:
    client = Client(headers={"User-Agent": user_agent}, REMOTE_ADDR=address)
    body = {"email": user.email, "password": PASSWORD}
    assert client.post("/sign-in/", body).status_code == 302
    return client


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox 128 on Linux"),
        (SAFARI, "Safari 17 on macOS"),
        (EDGE, "Edge 126 on Windows"),
        ("curl/8.5", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browser__is_named(user_agent: str, words: str) -> None:
    assert describe_browser(user_agent) == words


def test_sessions__lists_the_person_s_own(member: User, viewer: User) -> None:
    _signed_in(viewer, address="198.51.100.1")
    _signed_in(member, SAFARI, "198.51.100.2")
    here = _signed_in(member)

    page = here.get("/account/sessions/").content.decode()

    assert "Firefox 128 on Linux" in page
    assert "Safari 17 on macOS" in page
    assert "198.51.100.2" in page
    assert "198.51.100.1" not in page
    assert page.count("Present") == 1


def test_session__is_ended_by_its_owner_alone(member: User, viewer: User) -> None:
    there, here, stranger = _signed_in(member, SAFARI), _signed_in(member), _signed_in(viewer)
    row = UserSession.objects.get(user=member, user_agent=SAFARI)

    assert stranger.post(f"/account/sessions/{row.pk}/").status_code == 404
    assert there.get("/account/").status_code == 200

    assert here.post(f"/account/sessions/{row.pk}/").status_code == 302

    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert AuditEvent.objects.filter(action="session.ended", actor=member).count() == 1


def test_session__the_present_one_can_be_ended(member: User) -> None:
    here = _signed_in(member)
    row = UserSession.objects.get(user=member)

    assert here.post(f"/account/sessions/{row.pk}/")["Location"] == "/sign-in/"

    assert here.get("/account/").status_code == 302


def test_sessions__all_others_are_ended_at_once(member: User, viewer: User) -> None:
    elsewhere = [_signed_in(member, SAFARI), _signed_in(member, EDGE)]
    here, stranger = _signed_in(member), _signed_in(viewer)

    here.post("/account/sessions/others/")

    assert [client.get("/account/").status_code for client in elsewhere] == [302, 302]
    assert here.get("/account/").status_code == 200
    assert stranger.get("/account/").status_code == 200


def test_session__is_seen_again_after_a_while_only(member: User) -> None:
    here = _signed_in(member)
    first = UserSession.objects.get(user=member).last_seen_at

    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        here.get("/account/")
        soon = UserSession.objects.get(user=member).last_seen_at
        here.get("/account/")
    assert UserSession.objects.get(user=member).last_seen_at == soon
    with time_machine.travel(timezone.now() + SESSION_SEEN_INTERVAL + timedelta(minutes=1)):
        here.get("/account/", REMOTE_ADDR="198.51.100.9")
        later = UserSession.objects.get(user=member)

    assert first < soon < later.last_seen_at
    assert later.ip == "198.51.100.9"


def test_session__that_is_out_of_date_is_not_listed(member: User) -> None:
    away = _signed_in(member, SAFARI)
    away.session.flush()
    here = _signed_in(member)

    assert "Safari" not in here.get("/account/sessions/").content.decode()
