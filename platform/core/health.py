"""Is the platform alive, and is it ready? For supervisors and load balancers, without sign-in."""

import logging
from collections.abc import Callable
from functools import cache as remember
from functools import partial
from http import HTTPStatus

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.presence import BEAT, present

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 2


class NotReady(Exception):
    """A part is not ready; the message says so without naming hosts or secrets."""


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that this process is alive."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer whether every part is ready, 503 when one is not, and which."""
    parts = {name: _part(check) for name, check in _checks().items()}
    ready = all(part["ready"] for part in parts.values())
    return JsonResponse(
        {"status": "ready" if ready else "not ready", "parts": parts},
        status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
    )


def _checks() -> dict[str, Callable[[], None]]:
    checks: dict[str, Callable[[], None]] = {
        "database": _check_database,
        "migrations": _check_migrations,
        "redis": _check_redis,
    }
    for queue in settings.QUEUES:
        checks[f"workers.{queue}"] = partial(_check_present, queue)
    checks[BEAT] = partial(_check_present, BEAT)
    return checks


def _part(check: Callable[[], None]) -> dict[str, object]:
    """Run a check; whatever goes wrong in it means that the part is not ready."""
    try:
        check()
    except NotReady as reason:
        return {"ready": False, "reason": str(reason)}
    except Exception as error:  # noqa: BLE001 - drivers raise of many kinds; the log keeps which
        logger.warning("Not ready: %s", error)
        return {"ready": False, "reason": "It does not answer."}
    return {"ready": True}


def _check_database() -> None:
    # A connection of its own: the pool would wait 10 s for a server that is away.
    parameters = connection.get_connection_params() | {"connect_timeout": CONNECT_SECONDS}
    with psycopg.connect(**parameters) as own:
        own.execute("SELECT 1")


@remember
def _check_migrations() -> None:
    # Remembered once it passed (an exception is not): a process's code does not change.
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("Migrations are missing.")


def _check_redis() -> None:
    cache.get("presence")


def _check_present(name: str) -> None:
    if name not in present([name]):
        raise NotReady("Nobody is there.")
