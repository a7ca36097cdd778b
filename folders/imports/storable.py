"""What was found in a file, made fit for the database and for downloads in UTF-8.

Errors and samples quote what stands in the file, and that may be what PostgreSQL refuses: NUL, and
halves of surrogate pairs, which JSON can spell.
"""

import json
from typing import Any


def storable(value: Any) -> Any:
    """The same JSON value, with a sign in place of each character that cannot be stored."""
    text = json.dumps(value)
    # Escapes of both look so; few texts hold any.
    if "\\u0000" not in text and "\\ud" not in text:
        return value
    return _replaced(value)


def storable_text(text: str) -> str:
    """The text, with a sign in place of each character that cannot be stored."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(str(name)): _replaced(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(part) for part in value]
    return value
