"""A small web server on loopback that can misbehave in the ways that servers do."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """What lies at a path.

    Attributes:
        content: the body.
        ranges: whether parts of it can be asked for.
        etag: its tag; a test changes it between two reads.
        status, headers: of the answer, in place of the usual ones.
        say_length: whether the answer tells its length.
        handle: answers in place of all this.
    """

    content: bytes = b""
    ranges: bool = True
    etag: str = '"one"'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    say_length: bool = True
    handle: Callable[[BaseHTTPRequestHandler], None] | None = None


@dataclass
class WebServer:
    """Its address, what it serves, and what it was asked for."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    # Set when the server is to end: pages that keep people waiting wait for it.
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        """The address of a path."""
        return f"{scheme}://{host}:{self.port}{path}"

    def add(self, path: str, **values: Any) -> str:
        """Put a page there; return its address."""
        self.pages[path] = Page(**values)
        return self.url(path)

    @property
    def ranges(self) -> list[str]:
        """The ranges that were asked for, in their order."""
        return [headers.get("Range", "") for _, headers in self.asked]


@contextmanager
def web_server(wrap: Callable[[ThreadingHTTPServer], None] | None = None) -> Iterator[WebServer]:
    """Run a server; `wrap` may put TLS around its socket."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.asked.append((self.path, dict(self.headers)))
            page = server.pages.get(self.path.partition("?")[0], Page(b"Not here.", status=404))
            if page.handle:
                page.handle(self)
            else:
                _answer(self, page)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    listening = _QuietServer(("127.0.0.1", 0), Handler)
    if wrap:
        wrap(listening)
    server = WebServer(listening.server_port)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are what many a test is about."""


def _answer(handler: BaseHTTPRequestHandler, page: Page) -> None:
    """The page or a range of it, as a good server would."""
    body, status, extra = page.content, page.status, dict(page.headers)
    asked = re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers.get("Range", ""))
    current = handler.headers.get("If-Range", page.etag) == page.etag
    if asked and page.ranges and status == 200 and current:
        start, end = int(asked[1]), min(int(asked[2]) + 1, len(body))
        if start >= len(body):
            status, extra["Content-Range"], body = 416, f"bytes */{len(body)}", b""
        else:
            status, extra["Content-Range"] = 206, f"bytes {start}-{end - 1}/{len(body)}"
            body = body[start:end]
    handler.send_response(status)
    handler.send_header("Content-Type", "image/png")
    if page.etag:
        handler.send_header("ETag", page.etag)
    for name, value in extra.items():
        handler.send_header(name, value)
    if page.say_length:
        handler.send_header("Content-Length", str(len(body)))
    else:
        handler.send_header("Connection", "close")
        handler.close_connection = True
    handler.end_headers()
    try:
        handler.wfile.write(body)
    except (BrokenPipeError, ConnectionResetError):
        handler.close_connection = True
