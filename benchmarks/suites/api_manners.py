"""What the manners of the REST API cost a request: the same handler with and without them."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from itertools import count as numbers
from pathlib import Path
from typing import Any

from django.http.response import HttpResponseBase
from django.test import RequestFactory, override_settings
from rest_framework.views import APIView

from accounts.api.me import MeView
from accounts.choices import TokenScope
from accounts.services.tokens import create_token
from benchmarks.measure import Comparison, side_by_side
from benchmarks.report import as_json, table
from benchmarks.world import new_world
from folders.api.folders import FolderListView
from stack.valkey import EmbeddedValkey

_View = Callable[..., HttpResponseBase]
_WARM_UP = 20


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--requests", type=int, default=300, help="of each sort (300)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Ask a view with manners, and one that has only its handler."""
    token = create_token(actor=new_world("Manners").actor, name="Bench", scope=TokenScope.WRITE)[1]
    with tempfile.TemporaryDirectory(prefix="kindred-rate-") as folder:
        valkey = EmbeddedValkey(Path(folder) / "redis")
        valkey.start()
        try:
            with override_settings(CELERY_BROKER_URL=valkey.url, API_CALLS_PER_MINUTE=10**6):
                comparisons = [
                    _reads(token, arguments.requests),
                    _writes(token, arguments.requests),
                ]
        finally:
            valkey.stop()
    return {"sizes": {"requests": arguments.requests}, "comparisons": as_json(comparisons)}


def report(result: dict[str, Any]) -> str:
    """One line for each contender."""
    return table(result)


def _reads(token: str, rounds: int) -> Comparison:
    """GET of a small answer: authentication, rate limit, ETag."""
    factory = RequestFactory(headers={"Authorization": f"Bearer {token}"})
    plain = _plain(MeView, "get")
    polite = MeView.as_view()
    tag = _answer(polite(factory.get("/"))).headers["ETag"]

    def uncounted(_: int) -> None:
        with override_settings(API_CALLS_PER_MINUTE=0):
            _answer(polite(factory.get("/")))

    contenders: dict[str, Callable[[int], Any]] = {
        "without manners": lambda _: _answer(plain(factory.get("/"))),
        "ETag": uncounted,
        "ETag, rate limit": lambda _: _answer(polite(factory.get("/"))),
        "the same, known (304)": lambda _: _answer(
            polite(factory.get("/", headers={"If-None-Match": tag}))
        ),
    }
    return _compared("GET, milliseconds", contenders, rounds)


def _writes(token: str, rounds: int) -> Comparison:
    """POST of a folder: the same, with an idempotency key."""
    factory = RequestFactory(headers={"Authorization": f"Bearer {token}"})
    plain, polite = _plain(FolderListView, "post"), FolderListView.as_view()
    body, media = '{"name": "Owls"}', "application/json"
    keys = numbers()

    def post(view: _View, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        _answer(view(factory.post("/", body, content_type=media, headers=sent)))

    post(polite, Idempotency_Key="known")
    contenders: dict[str, Callable[[int], Any]] = {
        "without manners": lambda _: post(plain),
        "rate limit": lambda _: post(polite),
        "rate limit, new key": lambda _: post(polite, Idempotency_Key=f"new-{next(keys)}"),
        "known key (replayed)": lambda _: post(polite, Idempotency_Key="known"),
    }
    return _compared("POST of a folder, milliseconds", contenders, rounds)


def _compared(task: str, contenders: dict[str, Callable[[int], Any]], rounds: int) -> Comparison:
    for contender in contenders.values():
        for number in range(_WARM_UP):
            contender(number)
    return Comparison(task, side_by_side(contenders, range(rounds)), "without manners")


def _plain(view: type[APIView], method: str) -> _View:
    """The view's handler on REST framework's own view."""
    made: Any = type("Plain", (APIView,), {method: getattr(view, method)})
    plain: _View = made.as_view()
    return plain


def _answer(response: HttpResponseBase) -> HttpResponseBase:
    """The answer with its content, as a server would send it."""
    render = getattr(response, "render", None)
    if render is not None and not getattr(response, "is_rendered", True):
        render()
    assert response.status_code in (200, 201, 304), response.status_code  # noqa: S101
    return response
