"""Schemathesis calls every operation with what its description allows, and with what it forbids.

The path names things of the matrix's world, so that calls get beyond “not found”; each call is
rolled back. What comes back must be no 500, and as the description says.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.api.docs import api_schema
from core.api.schema import operations
from tests.matrix.routes import all_routes
from tests.matrix.table import Route, Who
from tests.matrix.test_matrix import TABLE
from tests.matrix.world import World

pytestmark = pytest.mark.django_db

EXAMPLES = 5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/offset+octet-stream", "application/x-npy")
def _as_bytes(context: Any, value: Any) -> Any:
    """Bodies that are sent as they are."""
    return value


def _schema() -> Any:
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api_schema(), default=str)))
    schema.app = get_wsgi_application()
    return schema


SCHEMA = _schema()
NAMES = {
    operation["operationId"]: (path, method) for path, method, operation in operations(api_schema())
}


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests leave the connection open, whose transaction holds the world."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", NAMES)
def test_operation__answers_as_described(world: World, name: str, mode: GenerationMode) -> None:
    path, method = NAMES[name]
    operation = SCHEMA[path][method.upper()]
    values = _path_values(path, world)
    token = world.bearers[Who.ADMIN].defaults["HTTP_AUTHORIZATION"]

    calls = count()

    @hypothesis_seed(4)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        # One of five calls asks for something that is not there.
        number = next(calls)
        if number % 5 != 4:
            case.path_parameters = case.path_parameters | values
        if number % 2:
            _name_real_things(case, world)
        with _rolled_back():
            case.call_and_validate(headers={"Authorization": token}, checks=CHECKS)

    run()


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _path_values(path: str, world: World) -> dict[str, Any]:
    """What the matrix asks for at this address."""
    route = ROUTES[path]
    ids = {name: world.id_of(thing) for name, thing in route.args.items()}
    return {name: str(value) for name, value in (ids | route.fixed).items()}


def _name_real_things(case: Any, world: World) -> None:
    """Put an embedding key that exists in the place of one that was made up."""
    for part in (case.body, case.query):
        if isinstance(part, dict) and isinstance(part.get("key"), str):
            part["key"] = world["key"].name


def _routes() -> dict[str, Route]:
    """Lines of the matrix by the paths of the description."""
    found = {}
    for route in all_routes():
        parts = [part.partition(">") for part in route.pattern.split("<")]
        plain = parts[0][0] + "".join(
            f"{{{name.split(':')[-1]}}}{after}" for name, _, after in parts[1:]
        )
        found[f"/{plain}"] = TABLE.get(route.name, Route([]))
    return found


ROUTES = _routes()
