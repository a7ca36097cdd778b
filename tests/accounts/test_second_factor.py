"""A second factor: turned on and off, asked for at sign-in, braked, and lost."""

import re
import time
from collections.abc import Callable

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisAway

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.constants import SIGN_IN_FAILURES
from accounts.models import User
from accounts.services.second_factor import remove_second_factor, second_factor_of
from accounts.services.tokens import create_token
from core.errors import NotAllowed
from core.models import AuditEvent
from tests.factories import UserFactory

ActorFor = Callable[[User], Actor]

PASSWORD = "correct horse battery"
WRONG = "000000"


@pytest.fixture(autouse=True)
def _cache(settings: LazySettings) -> None:
    """Used codes are kept there."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def signed_in(user: User) -> Client:
    """A browser."""
    client = Client()
    client.force_login(user)
    return client


def shown_now(secret: str, steps: int = 0) -> str:
    """What the app shows, or will show."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def set_up(user: User) -> tuple[str, list[str]]:
    """Turn it on as a person does; the secret, and the codes for paper."""
    client = signed_in(user)
    page = client.get("/account/second-factor/on/").content.decode()
    found = re.search(r'id="second-factor-key"[^>]* value="([A-Z2-7]+)"', page)
    assert found is not None
    body = {"code": shown_now(found[1]), "password": PASSWORD}
    answer = client.post("/account/second-factor/on/", body)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    codes = re.findall(r"<li>(\d{8})</li>", answer.content.decode())
    assert len(codes) == 10
    return found[1], codes


def half_way(user: User, target: str = "") -> Client:
    """A browser in which the password has been entered."""
    client = Client()
    body = {"email": user.email, "password": PASSWORD, "next": target}
    answer = client.post("/sign-in/", body)
    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_authenticate"))
    assert client.get("/files/").status_code == 302
    assert client.get("/api/v1/me/").status_code == 401
    return client


def test_sign_in__asks_for_a_code_of_the_app(member: User) -> None:
    secret, _ = set_up(member)
    client = half_way(member, "/schema/")
    page = client.get("/sign-in/code/").content.decode()
    assert "Enter a code" in page
    refused = client.post("/sign-in/code/", {"code": WRONG})
    assert refused.status_code == 422
    assert "Incorrect code." in refused.content.decode()
    assert client.post("/sign-in/code/", {}).status_code == 422

    answer = client.post("/sign-in/code/", {"code": shown_now(secret)})

    assert (answer.status_code, answer["Location"]) == (302, "/schema/")
    assert client.get("/schema/").status_code == 200


def test_sign_in__without_it_asks_for_the_password_alone(member: User, viewer: User) -> None:
    set_up(viewer)
    client = Client()

    answer = client.post("/sign-in/", {"email": member.email, "password": PASSWORD})

    assert answer["Location"] == "/"
    assert client.get("/account/").status_code == 200


def test_code__takes_clocks_that_are_off_and_nothing_twice(member: User) -> None:
    secret, _ = set_up(member)
    with time_machine.travel(time.time() + 600, tick=False):
        for steps in (-2, 2):
            client = half_way(member)
            code = shown_now(secret, steps)
            assert client.post("/sign-in/code/", {"code": code}).status_code == 422
        code = shown_now(secret, 1)
        assert half_way(member).post("/sign-in/code/", {"code": code}).status_code == 302
        # Whoever looked over the shoulder comes too late.
        assert half_way(member).post("/sign-in/code/", {"code": code}).status_code == 422


def test_code__of_paper_lets_in_once(member: User) -> None:
    _, codes = set_up(member)
    assert second_factor_of(member).codes_left == 10

    assert half_way(member).post("/sign-in/code/", {"code": codes[3]}).status_code == 302

    assert half_way(member).post("/sign-in/code/", {"code": codes[3]}).status_code == 422
    assert second_factor_of(member).codes_left == 9
    assert half_way(member).post("/sign-in/code/", {"code": codes[4]}).status_code == 302


def test_code__of_another_person_is_none(member: User, viewer: User) -> None:
    secret, codes = set_up(viewer)
    set_up(member)

    client = half_way(member)

    for code in (shown_now(secret), codes[0]):
        assert client.post("/sign-in/code/", {"code": code}).status_code == 422


def test_code__cannot_be_guessed(member: User) -> None:
    secret, _ = set_up(member)
    client = half_way(member)
    for _ in range(SIGN_IN_FAILURES):
        client.post("/sign-in/code/", {"code": WRONG})

    answer = client.post("/sign-in/code/", {"code": shown_now(secret)})

    assert answer.status_code == 422
    assert "Too many attempts" in answer.content.decode()
    # Not with another session either.
    assert half_way(member).post("/sign-in/code/", {"code": shown_now(secret)}).status_code == 422


def test_code__without_redis_is_no_error(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, codes = set_up(member)

    def away(*args: object, **kwargs: object) -> bool:
        raise RedisAway

    client = half_way(member)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.cache.add", away)

    answer = client.post("/sign-in/code/", {"code": shown_now(secret)})

    assert answer.status_code == 422
    assert "Try again shortly" in answer.content.decode()
    assert client.post("/sign-in/code/", {"code": codes[0]}).status_code == 302


def test_code_page__is_for_who_has_entered_a_password(member: User) -> None:
    set_up(member)

    assert Client().get("/sign-in/code/")["Location"] == "/sign-in/"
    assert Client().post("/sign-in/code/", {"code": WRONG})["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    ("code", "password", "said"),
    [
        (WRONG, PASSWORD, "not what the app shows now"),
        ("", PASSWORD, "This field is required"),
        ("right", "wrong password", "This is not your password"),
    ],
)
def test_turn_on__refuses(member: User, code: str, password: str, said: str) -> None:
    client = signed_in(member)
    page = client.get("/account/second-factor/on/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)
    assert secret is not None
    code = shown_now(secret[1]) if code == "right" else code

    answer = client.post("/account/second-factor/on/", {"code": code, "password": password})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    # The picture that the app has seen stays the same.
    assert secret[1] in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_turn_on__keeps_secrets_sealed_and_is_on_record(member: User) -> None:
    secret, codes = set_up(member)

    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)
    events = AuditEvent.objects.filter(action="person.second_factor_on")
    assert [event.target_id for event in events] == [str(member.pk)]
    # Not shown again, and not set up twice.
    client = signed_in(member)
    assert codes[0] not in client.get("/account/second-factor/").content.decode()
    assert client.get("/account/second-factor/on/")["Location"] == "/account/second-factor/"


def test_turn_off__takes_the_password(member: User) -> None:
    set_up(member)
    client = signed_in(member)
    refused = client.post("/account/second-factor/off/", {"password": "wrong password"})
    assert refused.status_code == 422
    assert "This is not your password" in refused.content.decode()
    assert second_factor_of(member).is_on

    client.post("/account/second-factor/off/", {"password": PASSWORD})

    assert not Authenticator.objects.exists()
    answer = Client().post("/sign-in/", {"email": member.email, "password": PASSWORD})
    assert answer["Location"] == "/"
    assert AuditEvent.objects.filter(action="person.second_factor_off").count() == 1


def test_password__at_the_desk_cannot_be_guessed(member: User) -> None:
    set_up(member)
    client = signed_in(member)
    for _ in range(SIGN_IN_FAILURES):
        client.post("/account/second-factor/off/", {"password": "wrong password"})

    answer = client.post("/account/second-factor/off/", {"password": PASSWORD})

    assert "Too many attempts" in answer.content.decode()
    assert second_factor_of(member).is_on


def test_codes__drawn_anew_replace_the_earlier_ones(member: User) -> None:
    _, old = set_up(member)
    client = signed_in(member)
    assert client.post("/account/second-factor/codes/", {"password": "no"}).status_code == 422

    page = client.post("/account/second-factor/codes/", {"password": PASSWORD}).content.decode()

    new = re.findall(r"<li>(\d{8})</li>", page)
    assert len(set(new) - set(old)) == 10
    assert half_way(member).post("/sign-in/code/", {"code": old[0]}).status_code == 422
    assert half_way(member).post("/sign-in/code/", {"code": new[0]}).status_code == 302


def test_codes__are_none_without_the_app(member: User) -> None:
    client = signed_in(member)

    answer = client.post("/account/second-factor/codes/", {"password": PASSWORD})

    assert answer.status_code == 422
    assert not Authenticator.objects.exists()


def test_tokens__are_not_asked(member: User, actor_for: ActorFor) -> None:
    _, token = create_token(actor=actor_for(member), name="t", scope=TokenScope.READ)
    set_up(member)

    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200


def test_setting__off_offers_it_to_nobody_and_asks_who_has_it(
    member: User, viewer: User, settings: LazySettings
) -> None:
    secret, _ = set_up(viewer)
    settings.SECOND_FACTOR_OFFERED = False

    client = signed_in(member)
    assert "Second factor" not in client.get("/account/").content.decode()
    assert client.get("/account/second-factor/").status_code == 404
    body = {"code": WRONG, "password": PASSWORD}
    assert client.post("/account/second-factor/on/", body).status_code == 404
    with time_machine.travel(time.time() + 60):
        asked = half_way(viewer)
        assert asked.post("/sign-in/code/", {"code": shown_now(secret)}).status_code == 302
    assert "Second factor" in signed_in(viewer).get("/account/").content.decode()


def test_lost__an_operator_lets_him_in(member: User, admin: User) -> None:
    set_up(member)
    with pytest.raises(NotAllowed):
        remove_second_factor(operator=admin, user=member)
    operator = UserFactory.create(is_superuser=True)

    assert remove_second_factor(operator=operator, user=member)

    assert not remove_second_factor(operator=operator, user=member)
    answer = Client().post("/sign-in/", {"email": member.email, "password": PASSWORD})
    assert answer["Location"] == "/"
    event = AuditEvent.objects.get(action="person.second_factor_removed")
    assert (event.actor, event.target_id) == (operator, str(member.pk))


def test_lost__by_an_operator_who_is_alone(member: User) -> None:
    set_up(member)

    call_command("remove_second_factor", email=member.email.upper())

    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="no second factor"):
        call_command("remove_second_factor", email=member.email)
