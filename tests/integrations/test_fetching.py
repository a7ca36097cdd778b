"""Answers of servers, good ones and bad ones, over guarded connections."""

import dataclasses
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest

from integrations.errors import ObjectUnavailable, ObjectUnreachable, Stage
from integrations.fetching import network
from integrations.fetching.answers import fetching
from integrations.fetching.client import Client
from integrations.fetching.inspection import inspect_remote
from integrations.fetching.objects import ObjectInfo, ObjectRequest
from integrations.guard import Address, FetchPolicy
from tests.integrations.certificates import make_certificates, speak_tls
from tests.integrations.web_server import WebServer, web_server


def read(url: str, policy: FetchPolicy, client: Client | None = None, **headers: str) -> bytes:
    """The whole body."""
    with fetching(ObjectRequest(url, headers), policy, client=client) as answer:
        return b"".join(answer.iter_raw())


@contextmanager
def leading_to(policy: FetchPolicy, *answers: list[str]) -> Iterator[Client]:
    """A client for which names lead to these addresses, the first time, the second time, …"""
    left = list(answers)

    def resolve(host: str, port: int) -> list[Address]:
        return [ip_address(text) for text in (left.pop(0) if len(left) > 1 else left[0])]

    with closing(Client(policy, resolve)) as client:
        yield client


def test_fetching__reads_from_allowed_networks_only(web: WebServer, policy: FetchPolicy) -> None:
    url = web.add("/owl.png", content=b"owl")
    strict = dataclasses.replace(policy, allowed=())

    with pytest.raises(ObjectUnavailable) as refused:
        read(url, strict)

    assert "loopback address" in str(refused.value) or "https://" in str(refused.value)
    assert web.asked == []
    assert read(url, policy) == b"owl"


def test_fetching__asks_for_bytes_as_they_are_and_tells_nothing_of_itself(
    web: WebServer, policy: FetchPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    url = web.add("/owl.png", content=b"owl", headers={"Set-Cookie": "visitor=1"})

    read(url, policy)
    read(url, policy)

    for _, headers in web.asked:
        assert headers["Accept-Encoding"] == "identity"
        assert not {"Cookie", "Authorization", "Referer"} & set(headers)


def test_fetching__body_is_not_decompressed(web: WebServer, policy: FetchPolicy) -> None:
    url = web.add("/a", content=b"\x1f\x8b not gzip", headers={"Content-Encoding": "gzip"})

    assert read(url, policy) == b"\x1f\x8b not gzip"


def test_fetching__name_that_leads_inside_is_refused(web: WebServer) -> None:
    """As 127.0.0.1.nip.io does."""
    with leading_to(FetchPolicy(), ["127.0.0.1"]) as client, pytest.raises(ObjectUnavailable) as e:
        read(web.url("/", "inside.example.org", "https"), FetchPolicy(), client)

    assert e.value.stage == Stage.NETWORK
    # What the name leads to is nobody's business.
    assert "127.0.0.1" not in str(e.value)


def test_fetching__one_refused_address_among_good_ones_refuses_the_name(
    web: WebServer, policy: FetchPolicy
) -> None:
    with (
        leading_to(policy, ["127.0.0.1", "169.254.169.254"]) as client,
        pytest.raises(ObjectUnavailable, match="link-local address"),
    ):
        read(web.url("/", "half.example.org"), policy, client)

    assert web.asked == []


def test_fetching__rebinding_between_check_and_connection_is_refused(
    web: WebServer, policy: FetchPolicy
) -> None:
    """The name leads to an allowed address first and inside ever after; each connection asks once,
    and goes to what it was told.
    """
    web.add("/owl.png", content=b"owl", headers={"Connection": "close"})
    url = web.url("/owl.png", "rebinding.example.org")

    with leading_to(policy, ["127.0.0.1"], ["192.168.0.1"]) as client:
        first = read(url, policy, client)
        with pytest.raises(ObjectUnavailable, match="private address"):
            read(url, policy, client)

    assert first == b"owl"
    assert len(web.asked) == 1


def test_fetching__follows_redirects_and_judges_each(web: WebServer, policy: FetchPolicy) -> None:
    web.add("/owl.png", content=b"owl")
    url = web.add("/a", status=302, headers={"Location": "/b"})
    web.add("/b", status=307, headers={"Location": web.url("/owl.png")})

    assert read(url, policy) == b"owl"
    assert [path for path, _ in web.asked] == ["/a", "/b", "/owl.png"]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("http://10.0.0.1/secret", "private address"),
        ("http://[fd00::1]/secret", "private address"),
        ("http://169.254.169.254/latest/meta-data/", "link-local address"),
        ("http://2852039166/latest/meta-data/", "link-local address"),
        ("http://0x7f.1:1/", "The server takes no connections"),
        ("file:///etc/passwd", "https://"),
        ("http://8.8.8.8/", "KINDRED_FETCH_PLAIN_HTTP"),
        ("//ann:secret@127.0.0.1/", "user name or password"),
        ("http://[::1", "no valid address"),
    ],
)
def test_fetching__redirect_to_what_is_refused(
    web: WebServer, policy: FetchPolicy, target: str, sentence: str
) -> None:
    url = web.add("/a", status=302, headers={"Location": target})

    with pytest.raises((ObjectUnavailable, ObjectUnreachable), match=sentence):
        read(url, policy)


def test_fetching__redirect_to_a_name_that_leads_inside(
    web: WebServer, policy: FetchPolicy
) -> None:
    web.add("/a", status=302, headers={"Location": web.url("/b", "inside.example.org")})

    with (
        leading_to(policy, ["127.0.0.1"], ["10.0.0.1"]) as client,
        pytest.raises(ObjectUnavailable, match="private address"),
    ):
        read(web.url("/a", "outside.example.org"), policy, client)

    assert len(web.asked) == 1


def test_fetching__redirects_end(web: WebServer, policy: FetchPolicy) -> None:
    url = web.add("/a", status=302, headers={"Location": "/a"})

    with pytest.raises(ObjectUnavailable, match="more than 5 times"):
        read(url, policy)
    assert len(web.asked) == 6


def test_fetching__header_stays_with_its_host(web: WebServer, policy: FetchPolicy) -> None:
    with web_server() as other:
        other.add("/owl.png", content=b"owl")
        url = web.add("/a", status=302, headers={"Location": "/b"})
        web.add("/b", status=302, headers={"Location": other.url("/owl.png")})

        read(url, policy, Authorization="Bearer secret")

        assert [headers.get("Authorization") for _, headers in web.asked] == ["Bearer secret"] * 2
        assert "Authorization" not in other.asked[0][1]


@pytest.mark.parametrize(
    ("status", "body", "kind", "stage", "sentence"),
    [
        (401, b"", ObjectUnavailable, Stage.AUTHENTICATION, "does not accept the credentials"),
        (403, b"", ObjectUnavailable, Stage.AUTHENTICATION, "refuses access (403)"),
        (
            403,
            b"<Error><Code>AccessDenied</Code></Error>",
            ObjectUnavailable,
            Stage.READING,
            "refuses access (403 AccessDenied)",
        ),
        (
            403,
            b"<Error><Code>SignatureDoesNotMatch</Code></Error>",
            ObjectUnavailable,
            Stage.AUTHENTICATION,
            "does not accept the credentials (403 SignatureDoesNotMatch)",
        ),
        (404, b"", ObjectUnavailable, Stage.READING, "nothing at this address (404)"),
        (410, b"", ObjectUnavailable, Stage.READING, "nothing at this address (410)"),
        (400, b"", ObjectUnavailable, Stage.READING, "answers with status 400"),
        (204, b"", ObjectUnavailable, Stage.READING, "answers with status 204"),
        (429, b"", ObjectUnreachable, Stage.READING, "too busy (429)"),
        (500, b"", ObjectUnreachable, Stage.READING, "failed or is too busy (500)"),
        (503, b"x" * 100_000, ObjectUnreachable, Stage.READING, "too busy (503)"),
    ],
)
def test_fetching__statuses(
    web: WebServer,
    policy: FetchPolicy,
    status: int,
    body: bytes,
    kind: type[Exception],
    stage: Stage,
    sentence: str,
) -> None:
    url = web.add("/a", status=status, content=body, say_length=status != 204)

    with pytest.raises((ObjectUnavailable, ObjectUnreachable)) as raised:
        read(url, policy)

    assert isinstance(raised.value, ObjectUnavailable | ObjectUnreachable)
    assert type(raised.value) is kind
    assert raised.value.stage == stage
    assert sentence in str(raised.value)


def test_fetching__nobody_listens(policy: FetchPolicy) -> None:
    with web_server() as server:
        url = server.url("/")

    with pytest.raises(ObjectUnreachable, match="takes no connections") as raised:
        read(url, policy)
    assert raised.value.stage == Stage.CONNECTION


def test_fetching__unknown_name(policy: FetchPolicy) -> None:
    with pytest.raises((ObjectUnavailable, ObjectUnreachable)) as raised:
        read("https://nothing.invalid/", policy)
    assert isinstance(raised.value, ObjectUnavailable | ObjectUnreachable)
    assert raised.value.stage == Stage.NAME
    assert "nothing.invalid" in str(raised.value)


def test_fetching__server_that_says_nothing(web: WebServer, policy: FetchPolicy) -> None:
    def wait(handler: BaseHTTPRequestHandler) -> None:
        web.ended.wait(30)

    url = web.add("/a", handle=wait)
    hasty = dataclasses.replace(policy, seconds=0.3)

    with pytest.raises(ObjectUnreachable, match="in time"):
        read(url, hasty)


def test_fetching__server_that_sends_a_byte_at_a_time(web: WebServer, policy: FetchPolicy) -> None:
    """Each read is quick, so only the deadline of the whole ends it."""

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not web.ended.wait(0.02):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    url = web.add("/a", handle=trickle)
    began = time.monotonic()

    with pytest.raises(ObjectUnreachable, match="in time"):
        read(url, dataclasses.replace(policy, seconds=0.5))
    # The server would go on for half an hour.
    assert time.monotonic() - began < 60


def test_fetching__answer_that_breaks_off(web: WebServer, policy: FetchPolicy) -> None:
    def break_off(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"x" * 10)
        handler.close_connection = True

    url = web.add("/a", handle=break_off)

    with pytest.raises(ObjectUnreachable, match="connection broke"):
        read(url, policy)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[WebServer, Path]]:
    """A server that speaks TLS as pictures.example.org, and its authority's certificate."""
    authority, host_file = make_certificates(tmp_path, "pictures.example.org")
    with web_server(partial(speak_tls, host_file=host_file)) as server:
        server.add("/owl.png", content=b"owl")
        yield server, authority


def test_tls__name_is_verified_although_a_number_is_connected_to(
    tls: tuple[WebServer, Path], policy: FetchPolicy
) -> None:
    server, authority = tls
    trusting = dataclasses.replace(policy, ca_file=str(authority))

    with leading_to(trusting, ["127.0.0.1"]) as client:
        good = read(server.url("/owl.png", "pictures.example.org", "https"), trusting, client)
        with pytest.raises(ObjectUnavailable, match="certificate is not valid") as other:
            read(server.url("/owl.png", "other.example.org", "https"), trusting, client)

    assert good == b"owl"
    assert other.value.stage == Stage.TLS


def test_tls__unknown_authority_is_refused(
    tls: tuple[WebServer, Path], policy: FetchPolicy
) -> None:
    server, _ = tls

    with (
        leading_to(policy, ["127.0.0.1"]) as client,
        pytest.raises(ObjectUnavailable, match="certificate is not valid") as raised,
    ):
        read(server.url("/owl.png", "pictures.example.org", "https"), policy, client)
    assert raised.value.stage == Stage.TLS


def test_tls__server_without_it(web: WebServer, policy: FetchPolicy) -> None:
    with pytest.raises(ObjectUnreachable) as raised:
        read(web.url("/", scheme="https"), policy)
    assert raised.value.stage == Stage.TLS


def test_resolve_host__reads_numbers_as_the_system_does() -> None:
    """Forms of 127.0.0.1 that no pattern on the text would find."""
    for text in ("127.1", "0x7f000001", "2130706433", "017700000001"):
        assert network.resolve_host(text, 80) == [ip_address("127.0.0.1")]


def test_backend__knows_no_sockets_of_this_machine(policy: FetchPolicy) -> None:
    backend = network.GuardedBackend(policy, encrypted=False)

    with pytest.raises(ObjectUnavailable):
        backend.connect_unix_socket("/var/run/docker.sock")


def test_inspect__asks_for_one_byte(web: WebServer, policy: FetchPolicy) -> None:
    url = web.add("/owl.png", content=b"x" * 5000)

    found = inspect_remote(ObjectRequest(url), policy)

    assert found == ObjectInfo(size=5000, mime="image/png", version='"one"')
    assert web.ranges == ["bytes=0-0"]


def test_inspect__of_servers_that_know_no_ranges_or_say_little(
    web: WebServer, policy: FetchPolicy
) -> None:
    whole = web.add("/whole", content=b"x" * 5000, ranges=False)
    silent = web.add("/silent", content=b"x" * 5000, ranges=False, say_length=False, etag="")
    empty = web.add("/empty", content=b"")

    assert inspect_remote(ObjectRequest(whole), policy).size == 5000
    assert inspect_remote(ObjectRequest(silent), policy) == ObjectInfo(None, "image/png", "")
    assert inspect_remote(ObjectRequest(empty), policy).size == 0
