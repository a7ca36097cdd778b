"""Signs of life of workers and beat."""

from typing import Any

import pytest
from celery import signals
from celery.worker.heartbeat import Heart
from django.core.cache import cache

from core import presence


@pytest.fixture(autouse=True)
def _memory_cache(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def _own_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers that are connected in this test, and no others."""
    for name in (
        "celeryd_after_setup",
        "heartbeat_sent",
        "worker_shutting_down",
        "beat_init",
        "after_task_publish",
    ):
        monkeypatch.setattr(getattr(signals, name), "receivers", [])
    monkeypatch.setattr(presence, "_queues", set())
    presence.connect_signals()


class FakeWorker:
    """What Celery hands to celeryd_after_setup, as far as it is read."""

    class app:  # noqa: N801 - an attribute
        class amqp:  # noqa: N801
            class queues:  # noqa: N801
                consume_from = {"default": None, "media": None}


def test_present__nobody() -> None:
    assert presence.present(["default", presence.BEAT]) == set()


def test_announce__ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    presence.announce(["default"], seconds=5)
    assert presence.present(["default", "media"]) == {"default"}

    presence.announce(["default"], seconds=0)
    assert presence.present(["default", "media"]) == set()


def test_announce__a_broken_cache_is_not_the_workers_trouble(settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    presence.announce(["default"], seconds=5)


@pytest.mark.usefixtures("_own_signals")
def test_signals__a_worker_announces_its_queues_until_it_shuts_down() -> None:
    signals.heartbeat_sent.send(sender=Heart)
    assert presence.present(["default", "media", "reductions"]) == set()

    signals.celeryd_after_setup.send(sender="worker@host", instance=FakeWorker, conf=None)
    signals.heartbeat_sent.send(sender=Heart)
    assert presence.present(["default", "media", "reductions"]) == {"default", "media"}

    cache.clear()
    signals.worker_shutting_down.send(sender="worker@host")
    signals.heartbeat_sent.send(sender=Heart)
    assert presence.present(["default", "media"]) == set()


@pytest.mark.usefixtures("_own_signals")
def test_signals__beat_announces_itself_by_its_most_frequent_task() -> None:
    signals.after_task_publish.send(sender="core.run_job")
    assert presence.present([presence.BEAT]) == set()

    signals.after_task_publish.send(sender=presence.FREQUENT_TASK)
    assert presence.present([presence.BEAT]) == {presence.BEAT}

    cache.clear()
    signals.beat_init.send(sender=None)
    assert presence.present([presence.BEAT]) == {presence.BEAT}
