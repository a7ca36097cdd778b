"""An authority and a certificate that it signed, made for a test."""

import datetime
import ssl
from http.server import ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


def make_certificates(folder: Path, host: str) -> tuple[Path, Path]:
    """Write the authority's certificate, and key and certificate of a host; return both files."""
    now = datetime.datetime.now(datetime.UTC)
    authority_key, host_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    host_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])

    def begin(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
        )

    authority = (
        begin(authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, SHA256())
    )
    certificate = (
        begin(host_name, host_key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(authority_key, SHA256())
    )
    key = host_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    authority_file, host_file = folder / "authority.pem", folder / "host.pem"
    authority_file.write_bytes(authority.public_bytes(Encoding.PEM))
    host_file.write_bytes(key + certificate.public_bytes(Encoding.PEM))
    return authority_file, host_file


def speak_tls(server: ThreadingHTTPServer, host_file: Path) -> None:
    """Let a server speak TLS with a key and certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(host_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
