"""Threads share the cache's connections to Redis."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import redis
from django.conf import LazySettings
from django.core.cache import caches

from tests.jobs import broker, free_broker_port


def test_threads__take_turns_on_one_connection(settings: LazySettings) -> None:
    with broker(free_broker_port()) as url:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": url}}

        for number in range(3):
            # A thread of its own, as each request has under ASGI.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(_put, number).result()

        assert caches["default"].get("place") == 2
        with redis.Redis.from_url(url) as client:
            mine = client.client_id()
            assert len([one for one in client.client_list() if int(one["id"]) != mine]) == 1


def test_threads__at_once_have_a_connection_each(settings: LazySettings) -> None:
    together = Barrier(2)

    def put(number: int) -> None:
        together.wait(timeout=20)
        for _ in range(50):
            caches["default"].set(f"place-{number}", number)
            assert caches["default"].get(f"place-{number}") == number

    with broker(free_broker_port()) as url:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": url}}
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(put, range(2)))


def _put(number: int) -> None:
    caches["default"].set("place", number)
