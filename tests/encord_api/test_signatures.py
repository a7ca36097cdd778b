"""Signatures, against what the SDK really sent."""

from hashlib import sha256

import pytest

from encord_api.signatures import (
    MAX_AGE_SECONDS,
    MAX_AHEAD_SECONDS,
    BadSignature,
    Signature,
    read_signature,
    verify,
    verify_legacy,
)
from tests.encord_api import vectors

NOTHING = sha256(b"").digest()
PATCH_DIGEST = sha256(vectors.PATCH_BODY).digest()


def read(headers: dict[str, str], **changed: str) -> Signature:
    given = headers | {name.replace("_", "-"): value for name, value in changed.items()}
    return read_signature(given["Signature-Input"], given["Signature"], given["Content-Digest"])


def check(
    signature: Signature,
    *,
    method: str = "PATCH",
    target: str = vectors.PATCH_TARGET,
    digest: bytes = PATCH_DIGEST,
    now: float = vectors.CREATED,
) -> None:
    verify(signature, method=method, target=target, digest=digest, now=now)


def test_verify__a_request_without_body() -> None:
    signature = read(vectors.GET_HEADERS)

    check(signature, method="GET", target=vectors.GET_TARGET, digest=NOTHING)

    assert signature.key_id == vectors.KEY_ID
    assert signature.created == vectors.CREATED


def test_verify__a_request_with_body() -> None:
    assert len(vectors.PATCH_BODY) == 127

    check(read(vectors.PATCH_HEADERS))


def test_verify__again_and_at_the_edges_of_time() -> None:
    signature = read(vectors.PATCH_HEADERS)

    check(signature)
    check(signature)
    check(signature, now=vectors.CREATED + 15 * 60)
    check(signature, now=vectors.CREATED + MAX_AGE_SECONDS)
    check(signature, now=vectors.CREATED - MAX_AHEAD_SECONDS)


def test_verify__refuses_what_was_altered() -> None:
    signature = read(vectors.PATCH_HEADERS)

    with pytest.raises(BadSignature, match="does not hold"):
        check(signature, method="POST")
    with pytest.raises(BadSignature, match="does not hold"):
        check(signature, target=vectors.PATCH_TARGET + "?x=1")
    with pytest.raises(BadSignature, match="body"):
        check(signature, digest=sha256(vectors.PATCH_BODY + b" ").digest())
    later = vectors.PATCH_HEADERS["Signature-Input"].replace(str(vectors.CREATED), "1795347646")
    with pytest.raises(BadSignature, match="does not hold"):
        check(read(vectors.PATCH_HEADERS, Signature_Input=later))
    other = vectors.PATCH_HEADERS["Signature-Input"].replace("f8d029", "f8d02a")
    with pytest.raises(BadSignature, match="does not hold"):
        check(read(vectors.PATCH_HEADERS, Signature_Input=other))


def test_verify__refuses_what_is_old_or_of_tomorrow() -> None:
    signature = read(vectors.PATCH_HEADERS)

    for now in (
        vectors.CREATED + MAX_AGE_SECONDS + 1,
        vectors.CREATED - MAX_AHEAD_SECONDS - 1,
    ):
        with pytest.raises(BadSignature, match="too old"):
            check(signature, now=now)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        vectors.PATCH_HEADERS["Signature-Input"].replace('"@request-target" ', ""),
        vectors.PATCH_HEADERS["Signature-Input"].replace("ed25519", "hmac"),
        vectors.PATCH_HEADERS["Signature-Input"] + ';nonce="a"',
        vectors.PATCH_HEADERS["Signature-Input"] + "\n",
    ],
)
def test_read_signature__takes_one_form_only(broken: str) -> None:
    with pytest.raises(BadSignature, match="not understood"):
        read(vectors.PATCH_HEADERS, Signature_Input=broken)


def test_verify_legacy() -> None:
    digest = sha256(vectors.LEGACY_BODY).digest()

    assert verify_legacy(vectors.LEGACY_AUTHORIZATION, digest) == vectors.KEY_ID

    with pytest.raises(BadSignature, match="does not hold"):
        verify_legacy(vectors.LEGACY_AUTHORIZATION, NOTHING)
    with pytest.raises(BadSignature, match="not understood"):
        verify_legacy("Bearer x", digest)
