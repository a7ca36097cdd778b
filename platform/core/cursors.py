"""Cursors, which lead to the next page: JSON as text that stands in an address as it is."""

import base64
import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def pack(parts: list[Any]) -> str:
    """The parts as text; moments become text and keep their microseconds."""
    text = json.dumps(parts, cls=_Encoder, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def unpack(cursor: str) -> Any:
    """What was packed, or whatever else somebody wrote into the address.

    Raises:
        ValueError: it was never packed.
    """
    try:
        return json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class _Encoder(DjangoJSONEncoder):
    """Keeps microseconds, which Django's own encoder cuts off."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)
