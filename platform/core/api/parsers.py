"""Reads the bodies of requests."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser as RestJSONParser

from core.errors import BodyTooLarge


class JSONParser(RestJSONParser):
    """JSON; nested beyond what Python can read it is the caller's mistake, like any other."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The body as Python values."""
        try:
            return super().parse(BytesIO(read_whole(stream)), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deep.") from error


def read_whole(stream: IO[bytes]) -> bytes:
    """The whole body, which must fit into memory.

    Raises:
        BodyTooLarge: it does not.
    """
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge(f"The body is larger than {limit // 2**20} MB. Send it in parts.")
    return content
