"""Filters as part of an address: JSON, compressed when that is shorter, in URL-safe letters."""

import base64
import binascii
import json
import zlib

from core.errors import InvalidInput
from folders.filters.nodes import Node
from folders.filters.parse import parse

# Browsers and proxies cut addresses beyond some ten thousand letters.
MAX_ENCODED = 100_000
# What a short text may unpack to.
_MAX_DECODED = 2 * 1024 * 1024

_PLAIN, _PACKED = "j", "z"


def encode(node: Node) -> str:
    """The filter as letters, digits, - and _."""
    plain = json.dumps(node.to_json(), separators=(",", ":"), ensure_ascii=False).encode()
    packed = zlib.compress(plain, 9)
    if len(packed) < len(plain):
        return _PACKED + _letters(packed)
    return _PLAIN + _letters(plain)


def decode(text: str) -> Node:
    """The filter that `encode` wrote.

    Raises:
        InvalidInput: the text is damaged, or its filter is wrong.
    """
    if not text or len(text) > MAX_ENCODED or text[0] not in (_PLAIN, _PACKED):
        raise _damaged()
    try:
        content = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), b"-_", validate=True)
        tree = json.loads(_unpacked(content) if text[0] == _PACKED else content)
    except (binascii.Error, zlib.error, UnicodeError, ValueError, RecursionError) as error:
        raise _damaged() from error
    return parse(tree)


def _unpacked(content: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(content, _MAX_DECODED)
    if not unpacker.eof:
        raise ValueError("The text ends too early or unpacks to too much.")
    return plain


def _letters(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _damaged() -> InvalidInput:
    return InvalidInput("The filter in the address is damaged.", code="invalid_filter")
