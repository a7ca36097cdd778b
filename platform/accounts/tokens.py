"""The shape of API tokens: `kindred_<key id>_<secret>`. Pure; the rows are services/tokens.py's.

The key id finds the row, the secret proves the possession. Only its HMAC is stored, keyed with a
secret of the server, so that a copy of the database opens nothing.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

PREFIX = "kindred"
_PATTERN = re.compile(rf"^{PREFIX}_([0-9a-f]{{16}})_([0-9A-Za-z_-]{{43}})$")


@dataclass(frozen=True, slots=True)
class TokenParts:
    """A token taken apart."""

    key_id: str
    secret: str

    def __str__(self) -> str:
        return f"{PREFIX}_{self.key_id}_{self.secret}"

    def __repr__(self) -> str:
        return f"TokenParts({self.key_id}, …)"


def new_token() -> TokenParts:
    """Draw a token: 64 bits of name, 256 bits of secret."""
    return TokenParts(secrets.token_hex(8), secrets.token_urlsafe(32))


def parse_token(text: str) -> TokenParts | None:
    """Take a token apart, None when it cannot be one."""
    match = _PATTERN.match(text)
    return TokenParts(match[1], match[2]) if match else None


def token_digest(secret: str, pepper: str) -> str:
    """HMAC-SHA-256 of the secret, as 64 hexadecimal digits."""
    return hmac.new(pepper.encode(), secret.encode(), sha256).hexdigest()


def digests_match(one: str, other: str) -> bool:
    """Compare in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)
