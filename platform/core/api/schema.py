"""Completes the OpenAPI description with what is alike everywhere: errors, headers, examples."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps

from core.api import schema_parts as parts
from core.api.codes import NAMES

_WRITES = ("post", "put", "patch", "delete")
_EXAMPLE_ID = "0f6c7d1e-5a52-4a1b-9d0e-2b8f3c4d5e6f"
_WITH_EXAMPLES = {"application/json", "multipart/form-data"}
Operation = dict[str, Any]


def complete(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """What drf-spectacular found in the code, with errors, headers and examples."""
    components = result["components"]
    components.setdefault("schemas", {})["Problem"] = parts.PROBLEM
    components["headers"] = parts.HEADERS
    components["responses"] = {
        name: parts.problem_response(status) for status, name in NAMES.items()
    }
    for path, method, operation in operations(result):
        operation["summary"] = operation["description"].partition("\n\n")[0].replace("\n", " ")
        _describe_errors(path, method, operation)
        _describe_manners(path, method, operation)
        _show_examples(operation)
    return result


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Path, method and description of each operation."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _describe_errors(path: str, method: str, operation: Operation) -> None:
    statuses = [400, 401, 403, 406, 429, 500]
    if "{" in path:
        statuses += [404, 409]
    if method in _WRITES:
        statuses += [409, 503]
    if "requestBody" in operation:
        statuses += [413, 415]
    if method == "post":
        # A search by POST names its key in the body.
        statuses += [404, 422]
    if "/uploads/" in path:
        statuses += [410, 412, 460]
    for status in sorted(set(statuses)):
        reference = {"$ref": f"#/components/responses/{NAMES[status]}"}
        operation["responses"].setdefault(str(status), reference)


def _describe_manners(path: str, method: str, operation: Operation) -> None:
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "path" and "example" not in parameter:
            is_id = parameter["schema"].get("format") == "uuid"
            named = "clip" if parameter["name"] == "key" else 1
            parameter["example"] = _EXAMPLE_ID if is_id else named
    if method == "post" and "/uploads/" not in path:
        parameters.append(parts.IDEMPOTENCY_KEY)
    if method == "get":
        parameters.append(parts.IF_NONE_MATCH)
        operation["responses"]["304"] = parts.NOT_MODIFIED
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        names = ["X-Request-Id", *parts.RATE]
        names += ["ETag"] if method == "get" else []
        names += ["Location"] if status == "202" else []
        response["headers"] = {**parts.headers(*names), **response.get("headers", {})}


def _show_examples(operation: Operation) -> None:
    """Lay the operation's examples beside its schemas."""
    given = examples().get(operation["operationId"], {})
    content = operation.get("requestBody", {}).get("content", {})
    for name in _WITH_EXAMPLES & content.keys():
        if "request" in given:
            content[name].setdefault("example", given["request"])
        elif "examples" in content.get("application/json", {}):
            # Written beside the view, for JSON alone.
            content[name].setdefault("examples", content["application/json"]["examples"])
    for status, response in operation["responses"].items():
        media = response.get("content", {}).get("application/json")
        name = "accepted" if status == "202" and "accepted" in given else "response"
        if media is not None and "examples" not in media and name in given:
            media["example"] = given[name]


@cache
def examples() -> dict[str, dict[str, Any]]:
    """The examples of all operations: `<app>/api/examples/<operation>.json`.

    Each holds a `request`, a `response`, or both; `accepted` is the answer 202 of an operation that
    also has another.
    """
    return {
        path.stem: json.loads(path.read_text())
        for app in apps.get_app_configs()
        for path in sorted(Path(app.path, "api", "examples").glob("*.json"))
    }
