"""Credentials at rest: one sealed JSON object of texts."""

import json
from collections.abc import Mapping

from core.sealing import SealBroken, seal, unseal

_PURPOSE = "kindred integrations: credentials"


class SecretLost(Exception):
    """No key that the server has opens the credentials."""


def encrypt(values: Mapping[str, str]) -> str:
    """The credentials as they are stored; "" when there are none."""
    return seal(json.dumps(dict(values)), _PURPOSE) if values else ""


def decrypt(text: str) -> dict[str, str]:
    """The credentials.

    Raises:
        SecretLost: they were encrypted with a key that the server no longer has, or altered.
    """
    if not text:
        return {}
    try:
        values: dict[str, str] = json.loads(unseal(text, _PURPOSE))
    except SealBroken as error:
        raise SecretLost from error
    return values


def reencrypt(text: str) -> str:
    """The same credentials under the present key.

    Raises:
        SecretLost: no key opens them.
    """
    return encrypt(decrypt(text))
