"""The world that every request meets, and how it is asked."""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from tests.matrix.table import SDK, Call, Data, Who


@dataclass
class World:
    """One organisation with one of each thing; ids by name."""

    things: dict[str, Any] = field(default_factory=dict)
    clients: dict[Who, Client] = field(default_factory=dict)
    # The same with tokens in place of sessions, which the SDK's addresses do not know.
    bearers: dict[Who, Client] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.things[name]

    def id_of(self, name: str) -> Any:
        """The id that an address takes."""
        thing = self.things[name]
        return getattr(thing, "pk", thing)

    def ask(self, who: Who, call: Call, path: str) -> HttpResponseBase:
        """Send the request; whatever it wrote is rolled back."""
        query = _values(call.query, self)
        target = f"{path}?{urlencode(query, doseq=True)}" if query else path
        client = (self.bearers if path.startswith(SDK) else self.clients)[who]
        # A session that a request ended is back after the rollback, so its cookie must be, too.
        cookies = deepcopy(client.cookies)
        with transaction.atomic():
            response = self._send(client, call, target)
            transaction.set_rollback(True)
        client.cookies = cookies
        return response

    def _send(self, client: Client, call: Call, target: str) -> HttpResponseBase:
        body = _values(call.body, self)
        headers = {"Accept": "*/*", **call.headers}
        if call.method == "GET":
            response = client.get(target, headers=headers)
        elif call.form and call.method == "POST":
            response = client.post(target, body, headers=headers)
        else:
            response = client.generic(
                call.method,
                target,
                json.dumps(body),
                content_type="application/json",
                headers=headers,
            )
        if response.streaming:
            # Read to its end, as a server would, which also closes it.
            b"".join(response.streaming_content)  # type: ignore[attr-defined]
        return response


def _values(given: Any, world: World) -> Data:
    values: Data = given(world) if callable(given) else dict(given)
    return values
