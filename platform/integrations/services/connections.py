"""Connections tried out, with how far they come."""

from dataclasses import dataclass, replace
from typing import Final

from django.conf import settings

from accounts.actor import Actor
from core.errors import Conflict, FieldError, InvalidInput
from integrations.errors import ObjectUnavailable, ObjectUnreachable, Stage
from integrations.models import Integration
from integrations.policy import fetch_policy
from integrations.providers import ObjectProvider, provider_of
from integrations.secret import SecretLost

TEST_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class ConnectionStep:
    """One step of a test: "passed", "failed" or "skipped", and what it found or why it failed."""

    key: str
    name: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What a test of a connection found."""

    passed: bool
    steps: tuple[ConnectionStep, ...]


def test_integration(*, actor: Actor, integration: Integration, url: str) -> ConnectionReport:
    """Try the integration out, and say how far it came; call it outside of transactions.

    Args:
        actor: an administrator of the organisation.
        integration: of the organisation.
        url: of an object to read; "" where the place itself can be looked into, as
            buckets and directories can.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: an address is needed.
        Conflict: the credentials cannot be decrypted any more.
    """
    actor.require_organisation_admin()
    provider = _provider(integration)
    url = url.strip()
    if not url and provider.needs_test_url:
        message = "Give the address of an object to read."
        raise InvalidInput(message, errors=[FieldError("url", message, "required")])
    stages = provider.stages(url)
    try:
        return _report(stages, len(stages), provider.test(url))
    except (ObjectUnavailable, ObjectUnreachable) as error:
        keys = [stage for stage, _ in stages]
        failed = keys.index(error.stage) if error.stage in keys else len(keys) - 1
        return _report(stages, failed, str(error))


def _report(stages: list[tuple[Stage, str]], failed: int, detail: str) -> ConnectionReport:
    """The steps up to the failed one; with none that failed, the last one says what was found."""
    passed = failed == len(stages)
    speaks = len(stages) - 1 if passed else failed
    outcomes = ["passed"] * failed + ["failed"] + ["skipped"] * len(stages)
    steps = [
        ConnectionStep(str(key), name, outcomes[place], detail if place == speaks else "")
        for place, (key, name) in enumerate(stages)
    ]
    return ConnectionReport(passed, tuple(steps))


def _provider(integration: Integration) -> ObjectProvider:
    # Somebody waits for the answer.
    policy = replace(fetch_policy(), seconds=min(TEST_SECONDS, settings.FETCH_TIMEOUT))
    try:
        return provider_of(integration, policy)
    except SecretLost:
        raise Conflict(
            "The credentials cannot be decrypted any more. Enter them again.", code="secret_lost"
        ) from None
