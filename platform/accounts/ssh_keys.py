"""Reads Ed25519 public keys as `ssh-keygen` writes them; the rows are services/ssh_keys.py's."""

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_public_key,
)

from core.errors import FieldError, InvalidInput

# An Ed25519 line has 80 characters and a comment; RSA keys reach some thousands.
MAX_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key.

    Attributes:
        line: "ssh-ed25519 AAAA…", without the comment.
        key_id: the raw 32 bytes in lower-case hexadecimal, as the SDK's signatures carry it.
        comment: what stood behind the key, mostly "name@host".
    """

    line: str
    key_id: str
    comment: str


def parse_public_key(text: str) -> PublicKey:
    """Read one line of OpenSSH's format.

    Raises:
        InvalidInput: it is no key, a private one, or of another type than Ed25519.
    """
    text = text.strip()
    if "PRIVATE KEY" in text:
        raise _refusal("private_key", "This is a private key. Paste the line of the .pub file.")
    if not text or len(text) > MAX_LENGTH or len(text.splitlines()) > 1:
        raise _refusal("not_a_key", "Paste one line of a .pub file: ssh-ed25519 AAAA…")
    try:
        key = load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _refusal("not_a_key", "This is no public key in OpenSSH's format.") from error
    if not isinstance(key, Ed25519PublicKey):
        message = f"Only Ed25519 keys are accepted; this one is {text.split()[0]}."
        raise _refusal("wrong_key_type", message)
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return PublicKey(line=line, key_id=raw.hex(), comment=" ".join(text.split()[2:]))


def _refusal(code: str, message: str) -> InvalidInput:
    return InvalidInput(errors=[FieldError("public_key", message, code=code)])
