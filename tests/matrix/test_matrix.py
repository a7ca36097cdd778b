"""Every route × everybody; see the package's docstring for how to add a line."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.http.response import HttpResponseBase
from django.urls import reverse

from tests.matrix.expectations import OK, SIGN_IN, expected, is_hidden
from tests.matrix.routes import all_routes, merged
from tests.matrix.table import METHODS, Call, Route, Who
from tests.matrix.world import World

# The fixtures need a database, which pytest-django only makes for tests that say so.
pytestmark = pytest.mark.django_db

TABLE = merged()
# A parameter of an address that is no UUID: units and points count.
NOWHERE = 2**40
CALLS = [(name, call) for name, route in TABLE.items() for call in route.calls]
WITH_IDS = [(name, call) for name, call in CALLS if TABLE[name].args]


def ids(value: object) -> str | None:
    return value.method if isinstance(value, Call) else None


def test_tables__list_every_route_and_no_other() -> None:
    names = [route.name for route in all_routes()]

    assert "" not in names, [route.pattern for route in all_routes() if not route.name]
    assert len(names) == len(set(names)), "two routes share a name"
    assert sorted(set(names) - set(TABLE)) == [], "routes that no table lists"
    assert sorted(set(TABLE) - set(names)) == [], "lines whose route is gone"


def test_tables__name_the_parameters_of_each_route() -> None:
    wrong = {
        route.name: sorted(route.parameters)
        for route in all_routes()
        if route.name in TABLE
        and route.parameters != {*TABLE[route.name].args, *TABLE[route.name].fixed}
    }

    assert wrong == {}


@pytest.mark.parametrize(("name", "call"), CALLS, ids=ids)
def test_route__answers_each_as_declared(world: World, name: str, call: Call) -> None:
    route = TABLE[name]
    path = address(world, name, route)
    wanted, got = {}, {}
    for who in Who:
        response = world.ask(who, call, path)
        wanted[who.value] = expected(who, call, route, path)
        got[who.value] = outcome(response, call)

    assert got == wanted, f"{call.method} {path}"


@pytest.mark.parametrize(("name", "call"), WITH_IDS, ids=ids)
def test_route__what_is_hidden_looks_like_what_does_not_exist(
    world: World, name: str, call: Call
) -> None:
    """Status and body are the same for an id of somebody else's and for one of nobody's."""
    route = TABLE[name]
    path = address(world, name, route)
    nowhere = address(world, name, route, hidden=True)

    for who in (Who.OTHER_ORG, Who.MEMBER):
        if not is_hidden(who, call, route, path):
            continue
        hidden, missing = world.ask(who, call, path), world.ask(who, call, nowhere)
        assert (hidden.status_code, shape(hidden)) == (missing.status_code, shape(missing)), who


@pytest.mark.parametrize("name", TABLE)
def test_route__refuses_methods_that_are_not_declared(world: World, name: str) -> None:
    route = TABLE[name]
    path = address(world, name, route)
    declared = {call.method for call in route.calls}

    for method in METHODS:
        if method not in declared:
            response = world.ask(Who.ADMIN, Call(method), path)
            assert response.status_code == 405, f"{method} {path}"


def address(world: World, name: str, route: Route, *, hidden: bool = False) -> str:
    """The address with ids of the world, or with ids of nothing."""
    values: dict[str, Any] = dict(route.fixed)
    for parameter, attribute in route.args.items():
        value = world.id_of(attribute)
        if hidden:
            value = NOWHERE if isinstance(value, int) else uuid4()
        values[parameter] = value
    return reverse(name, kwargs=values)


def outcome(response: HttpResponseBase, call: Call) -> int | str:
    """The answer in the words of `expected`."""
    location = response.headers.get("Location", "")
    if response.status_code == 302 and location.startswith("/sign-in/?next="):
        return SIGN_IN
    return OK if response.status_code in call.ok else response.status_code


def shape(response: HttpResponseBase) -> object:
    """The body without what differs between any two requests."""
    text = getattr(response, "content", b"").decode("utf-8", "replace")
    if "json" in response.headers.get("Content-Type", ""):
        body = json.loads(text)
        body.pop("request_id", None)
        return body
    for noise in (
        r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}",
        r'csrfmiddlewaretoken" value="[^"]*"',
        r'X-CSRFToken": "[^"]*"',
        rf"\b{NOWHERE}\b",
    ):
        text = re.sub(noise, "", text)
    return text
