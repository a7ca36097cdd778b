"""Credentials at rest: one encrypted JSON object of texts.

Fernet (AES-128-CBC and HMAC-SHA-256) under keys that HKDF derives from the server's secret keys,
for this one use; the first key encrypts, all of them decrypt.
"""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"kindred integrations: credentials"


class SecretLost(Exception):
    """No key that the server has opens the credentials."""


def encrypt(values: Mapping[str, str]) -> str:
    """The credentials as they are stored; "" when there are none."""
    if not values:
        return ""
    return _fernet().encrypt(json.dumps(dict(values)).encode()).decode()


def decrypt(text: str) -> dict[str, str]:
    """The credentials.

    Raises:
        SecretLost: they were encrypted with a key that the server no longer has, or altered.
    """
    if not text:
        return {}
    try:
        values: dict[str, str] = json.loads(_fernet().decrypt(text.encode()))
    except InvalidToken as error:
        raise SecretLost from error
    return values


def reencrypt(text: str) -> str:
    """The same credentials under the present key.

    Raises:
        SecretLost: no key opens them.
    """
    return encrypt(decrypt(text))


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
