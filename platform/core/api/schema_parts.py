"""Parts of the OpenAPI description that all operations share: errors and headers."""

from typing import Any

from core.api.codes import CODES, NAMES

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The sort of error."},
        "status": {"type": "integer", "description": "As of the answer."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "detail": {"type": "string", "description": "For people: what to change."},
        "request_id": {"type": "string", "description": "Finds the request in the logs."},
        "error_count": {
            "type": "integer",
            "description": "How many values are wrong, when `errors` holds the first of many.",
        },
        "errors": {
            "type": "array",
            "description": "Every wrong value, all together.",
            "items": {
                "type": "object",
                "required": ["message"],
                "properties": {
                    "path": {
                        "type": "string",
                        "description": "Where it stands, as `items.3.name`. Absent: the whole.",
                    },
                    "message": {"type": "string"},
                    "code": {"type": "string", "description": "Stable, for programs."},
                    "expected": {"type": "string"},
                    "found": {"type": "string"},
                },
            },
        },
    },
}

HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "Names the request in the logs: the caller's own, or a new one.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "Of this content; send it as `If-None-Match` to be spared the same again.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "The job, or the list of jobs, that does the work.",
        "schema": {"type": "string"},
    },
    "RateLimit-Limit": {
        "description": "Calls of the token that a full minute holds.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Remaining": {
        "description": "Calls that are served at once.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Reset": {
        "description": "Seconds until all calls are back.",
        "schema": {"type": "integer"},
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer"},
    },
}
RATE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Of your own choice. Sent again with the same key within 24 hours, the same "
    "request is not carried out again, and gets the answer of the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "5f0c1a52-2f0e-4d0c-9b5e-1c1c8f0d8a11",
}
IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETag of the answer that you hold; 304 says that it still holds.",
    "schema": {"type": "string"},
    "example": '"0b5f1d7c2a9e4f60"',
}
NOT_MODIFIED: dict[str, Any] = {"description": "What you hold is still so; there is no body."}


def headers(*names: str) -> dict[str, Any]:
    """References to the headers of an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def problem_response(status: int) -> dict[str, Any]:
    """The answer of one status, with the codes that it may carry."""
    codes = CODES[status]
    lines = [f"- `{code}`: {sentence}" for code, sentence in codes.items()]
    code, sentence = next(iter(codes.items()))
    example = {
        "type": "about:blank",
        "title": NAMES[status],
        "status": status,
        "code": code,
        "detail": sentence,
        "request_id": "c1b6a3f0f5c94d0f8f0e5f3f1b2d7a60",
    }
    names = ["X-Request-Id", *(["Retry-After"] if status in (409, 429, 503) else [])]
    return {
        "description": "\n".join(lines),
        "headers": headers(*names),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example,
            }
        },
    }
