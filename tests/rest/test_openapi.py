"""The description is complete: every operation is typed, said in words, and shown by an example."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from jsonschema import Draft202012Validator

from core.api.docs import api_schema
from core.api.schema import examples, operations
from tests.matrix.routes import all_routes
from tests.matrix.test_matrix import TABLE

OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, method, operation in operations(api_schema())
}
JSON, FORM = "application/json", "multipart/form-data"
TYPED = {"type", "$ref", "oneOf", "anyOf", "allOf", "enum", "const"}


def successes(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield status, response


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation__is_said_in_words(name: str) -> None:
    _, _, operation = OPERATIONS[name]

    assert operation["description"].endswith(".")
    assert len(operation["tags"]) == 1
    for parameter in operation["parameters"]:
        assert parameter["in"] == "path" or parameter["description"], parameter["name"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation__is_typed_and_shown(name: str) -> None:
    """Bodies have a schema; those of JSON and forms an example that the schema allows."""
    _, method, operation = OPERATIONS[name]
    bodies = [(f"answer {status}", response) for status, response in successes(operation)]
    assert bodies, "no success is described"
    if method in ("post", "put", "patch") and "requestBody" in operation:
        bodies.append(("request", operation["requestBody"]))
    for what, body in bodies:
        if what == "answer 204":
            assert "content" not in body
            continue
        assert body["content"], what
        for media, content in body["content"].items():
            assert TYPED & content["schema"].keys(), f"{what} is untyped"
            if media in (JSON, FORM):
                for example in shown(content, what):
                    if media == JSON:
                        validate(example, content["schema"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation__names_its_errors(name: str) -> None:
    path, method, operation = OPERATIONS[name]
    statuses = {int(status) for status in operation["responses"]}

    assert {400, 401, 403, 406, 429, 500} <= statuses
    assert "{" not in path or 404 in statuses
    assert "requestBody" not in operation or {413, 415} <= statuses
    assert "default" not in operation["responses"]
    assert operation["security"] == [{"token": []}, {"session": []}]
    if method == "post" and "/uploads/" not in path:
        assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}


def test_schemas__have_no_untyped_parts() -> None:
    untyped = []

    def walk(schema: Any, path: str) -> None:
        if isinstance(schema, dict):
            for name, part in schema.get("properties", {}).items():
                if not TYPED & part.keys():
                    untyped.append(f"{path}.{name}")
            for name, part in schema.items():
                if name != "example":
                    walk(part, f"{path}.{name}")

    for name, schema in api_schema()["components"]["schemas"].items():
        walk(schema, name)

    assert untyped == []


def test_examples__belong_to_operations() -> None:
    """A file whose operation is gone, or that lies with another app, would never be seen."""
    assert examples().keys() <= OPERATIONS.keys()
    files = [
        path
        for app in apps.get_app_configs()
        for path in Path(app.path, "api", "examples").glob("*")
    ]
    assert len(files) == len(examples())


def test_schema__says_how_to_sign_in_and_is_version_3_1() -> None:
    schema = api_schema()

    assert schema["openapi"].startswith("3.1")
    schemes = schema["components"]["securitySchemes"]
    assert schemes["token"]["scheme"] == "bearer"
    assert schemes["session"]["in"] == "cookie"
    json.dumps(schema)


def test_schema__describes_each_call_that_the_matrix_makes_and_no_other() -> None:
    """So every operation was refused to the outsider, and to the viewer where it writes."""
    called = set()
    for route in all_routes():
        if route.pattern.startswith("api/v1/"):
            called |= {(route.name, call.method.lower()) for call in TABLE[route.name].calls}
    described = set()
    names = {route.view: route.name for route in all_routes()}
    patterns = {_plain(route.pattern): names[route.view] for route in all_routes()}
    for path, method, _ in OPERATIONS.values():
        described.add((patterns[path.lstrip("/")], method))

    assert described == called


def shown(content: dict[str, Any], what: str) -> list[Any]:
    """The examples of a body."""
    found = [one["value"] for one in content.get("examples", {}).values()]
    found += [content["example"]] if "example" in content else []
    assert found, f"{what} has no example"
    return found


def validate(example: Any, schema: dict[str, Any]) -> None:
    """The example is what the schema says, and names no field that the schema lacks."""
    components = api_schema()["components"]
    document = json.loads(json.dumps({**schema, "components": components}, default=str))
    errors = [
        f"{'.'.join(map(str, error.path))}: {error.message}"
        for error in Draft202012Validator(document).iter_errors(example)
    ]
    assert errors == []


def _plain(pattern: str) -> str:
    """`<uuid:folder_id>` as `{folder_id}`."""
    parts = [part.partition(">") for part in pattern.split("<")]
    head, *rest = parts
    return head[0] + "".join(f"{{{name.split(':')[-1]}}}{after}" for name, _, after in rest)
