"""The signs of life."""

from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from core import health, presence

QUEUES = ("default", "media", "reductions")


@pytest.fixture(autouse=True)
def _memory_cache(settings: Any) -> None:
    """Presence lives in the cache; the one of this process is enough."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    health._check_migrations.cache_clear()


def reasons(client: Client) -> dict[str, str]:
    """Ask /readyz; return the parts that are not ready with their reasons."""
    answer = client.get("/readyz")
    body = answer.json()
    missing = {name: part["reason"] for name, part in body["parts"].items() if not part["ready"]}
    assert answer.status_code == (503 if missing else 200)
    assert body["status"] == ("not ready" if missing else "ready")
    assert "no-store" in answer["Cache-Control"]
    return missing


def test_healthz__needs_nothing(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_healthz__is_only_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


@pytest.mark.django_db
def test_readyz__names_the_queues_that_nobody_serves(client: Client) -> None:
    presence.announce(["default", presence.BEAT], seconds=5)

    assert reasons(client) == {
        "workers.media": "Nobody is there.",
        "workers.reductions": "Nobody is there.",
    }


@pytest.mark.django_db
def test_readyz__names_beat(client: Client) -> None:
    presence.announce(QUEUES, seconds=5)

    assert reasons(client) == {"beat": "Nobody is there."}


@pytest.mark.django_db
def test_readyz__everything_is_there(client: Client) -> None:
    presence.announce([*QUEUES, presence.BEAT], seconds=5)

    assert reasons(client) == {}


@pytest.mark.django_db
def test_readyz__database_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    presence.announce([*QUEUES, presence.BEAT], seconds=5)

    def refuse(**_parameters: object) -> None:
        raise psycopg.OperationalError("host secret.internal refused the password hunter2")

    monkeypatch.setattr(psycopg, "connect", refuse)

    assert reasons(client) == {"database": "It does not answer."}


@pytest.mark.django_db
def test_readyz__migrations_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    presence.announce([*QUEUES, presence.BEAT], seconds=5)
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one"])

    assert reasons(client) == {"migrations": "Migrations are missing."}


@pytest.mark.django_db
def test_readyz__redis_away(client: Client, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    assert set(reasons(client)) == {"redis", "beat", *(f"workers.{queue}" for queue in QUEUES)}
