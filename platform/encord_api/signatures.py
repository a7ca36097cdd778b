"""The two ways in which the SDK signs what it sends. Pure: knows neither Django nor any key.

v2 is a draft of HTTP message signatures, older than RFC 9421: the method, the target of the request
as it stands on the request line, and the digest of the body are signed with Ed25519. Repeating a
request repeats its signature, for the SDK signs once and sends up to four times.

v1 signs the digest of the body alone.
"""

import base64
import hmac
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Four attempts of three minutes each, the pauses between them, and a clock that is slow.
MAX_AGE_SECONDS = 20 * 60
# How far the caller's clock may be ahead.
MAX_AHEAD_SECONDS = 5 * 60

_INPUT = re.compile(
    r'encord-sig=(\("@method" "@request-target" "content-digest"\)'
    r';created=([0-9]{1,12});keyid="([0-9a-f]{64})";alg="ed25519")'
)
_SIGNATURE = re.compile(r"encord-sig=:([A-Za-z0-9+/]{86}==):")
_LEGACY = re.compile(r"([0-9a-f]{64}):([0-9a-f]{128})")


class BadSignature(Exception):
    """The signature does not hold; the text says why."""


class UnknownKey(BadSignature):
    """The signature holds, but nobody knows the key."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What the headers of a signed request say.

    Attributes:
        key_id: the raw public key in hexadecimal.
        created: seconds since 1970.
        parameters: the signed parameters, letter by letter.
        content_digest: the header of this name.
        value: 64 bytes.
    """

    key_id: str
    created: int
    parameters: str
    content_digest: str
    value: bytes


def read_signature(signature_input: str, signature: str, content_digest: str) -> Signature:
    """Read the three headers.

    Raises:
        BadSignature: they are not as the SDK writes them.
    """
    given = _INPUT.fullmatch(signature_input)
    value = _SIGNATURE.fullmatch(signature)
    if given is None or value is None:
        raise BadSignature("The headers Signature-Input and Signature are not understood.")
    return Signature(
        key_id=given[3],
        created=int(given[2]),
        parameters=given[1],
        content_digest=content_digest,
        value=base64.b64decode(value[1]),
    )


def verify(signature: Signature, *, method: str, target: str, digest: bytes, now: float) -> None:
    """Check all that is signed.

    Args:
        signature: what the request says.
        method: of HTTP.
        target: path and query exactly as on the request line.
        digest: SHA-256 of the body.
        now: seconds since 1970.

    Raises:
        BadSignature: the body or the target is another than the signed one, the signature is of
            another key, or it is too old.
    """
    stated = f"sha-256=:{base64.b64encode(digest).decode()}:"
    if not hmac.compare_digest(stated, signature.content_digest):
        raise BadSignature("The body is not the one that Content-Digest describes.")
    base = "\n".join(
        [
            f'"@method": {method.upper()}',
            f'"@request-target": {target}',
            f'"content-digest": {stated}',
            f'"@signature-params": {signature.parameters}',
        ]
    )
    _verify(signature.key_id, signature.value, base.encode())
    if not -MAX_AHEAD_SECONDS <= now - signature.created <= MAX_AGE_SECONDS:
        raise BadSignature("The signature is too old, or your clock is wrong.")


def verify_legacy(authorization: str, digest: bytes) -> str:
    """Check a signature of the first version; returns the id of its key.

    Args:
        authorization: the header of this name, `<key>:<signature>` in hexadecimal.
        digest: SHA-256 of the body.

    Raises:
        BadSignature: it is none, or does not hold.
    """
    given = _LEGACY.fullmatch(authorization)
    if given is None:
        raise BadSignature("The header Authorization is not understood.")
    _verify(given[1], bytes.fromhex(given[2]), digest)
    return given[1]


def _verify(key_id: str, value: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_id)).verify(value, message)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("The signature does not hold for this request.") from error
