"""A proxy that loses answers: what was asked is done, and the caller is told of a server error."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests


@dataclass
class FaultyProxy:
    """Its address, and the addresses whose next POST is answered with an error once."""

    url: str
    failing: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, int]] = field(default_factory=list)


@contextmanager
def faulty_proxy(target: str) -> Iterator[FaultyProxy]:
    """Forward everything to the target; paths and headers reach it as they came."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = requests.request(
                self.command,
                f"{target}{self.path}",
                data=body,
                headers={name: value for name, value in self.headers.items() if name != "Host"},
                timeout=60,
            )
            status, content = answer.status_code, answer.content
            path = self.path.partition("?")[0].removeprefix("/v2/public/")
            if self.command == "POST" and path in proxy.failing:
                proxy.failing.remove(path)
                assert status == 200, content
                status, content = 500, b'{"message": "The answer was lost."}'
            proxy.asked.append((self.command, path, status))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.forward()

        def do_POST(self) -> None:
            self.forward()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = FaultyProxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
