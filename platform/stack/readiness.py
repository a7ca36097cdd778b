"""Asks a running platform whether it is ready."""

import http.client
import json

from stack.ports import LOOPBACK

TIMEOUT_SECONDS = 5.0


def missing_parts(host: str, port: int) -> list[str]:
    """Return the parts that are not ready by the platform's own word, none when all are."""
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=TIMEOUT_SECONDS)
    try:
        # The Host header is a name that is always allowed.
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return ["web"]
    finally:
        connection.close()
    if response.status == http.client.OK:
        return []
    try:
        parts = json.loads(body)["parts"]
        return [name for name, part in parts.items() if not part["ready"]]
    except (ValueError, KeyError, TypeError):
        return [f"web (answers {response.status})"]


def _reachable(host: str) -> str:
    """Return an address to connect to for an address to listen on."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - compared with
