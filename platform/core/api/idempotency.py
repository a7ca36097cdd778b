"""The Idempotency-Key of a POST: what it is, and what a request is recognised by."""

import hashlib
import re
from operator import itemgetter
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from core.actors import request_actor
from core.errors import FieldError, InvalidInput
from core.services.stored_answers import Answer, Claim, claim

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
# What belongs to the answer itself; the rest is of the one request.
_KEPT_HEADERS = ("Content-Type", "Location")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Replay(Exception):
    """The request was carried out before; this is what it was answered."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer

    def response(self) -> HttpResponse:
        """The answer once more."""
        response = HttpResponse(self.answer.content, status=self.answer.status)
        for name, value in self.answer.headers.items():
            response[name] = value
        if "Content-Type" not in self.answer.headers:
            del response["Content-Type"]
        response[REPLAYED] = "true"
        return response


def claim_request(request: Request) -> Claim:
    """The right to carry the request out.

    Raises:
        Replay: it was carried out before.
        InvalidInput: the key is none.
        Conflict, KeyReused: as of `claim`.
    """
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        expected = "1 to 255 visible ASCII characters, such as a UUID"
        wrong = FieldError(HEADER, "This is no key.", "invalid_idempotency_key", expected)
        raise InvalidInput(f"{HEADER}: {expected}.", code=wrong.code, errors=[wrong])
    found = claim(actor=request_actor(request), key=key, fingerprint=fingerprint(request))
    if isinstance(found, Answer):
        raise Replay(found)
    return found


def answer_of(response: HttpResponseBase) -> Answer:
    """What is kept of a response that has its content."""
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    content = getattr(response, "content", b"")
    return Answer(status=response.status_code, headers=headers, content=content.decode())


def fingerprint(request: Request) -> str:
    """All that the request says: forms by their values, for each has a boundary of its own."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    digest.update(media_type.encode())
    if media_type == "multipart/form-data":
        _add_form(digest, request)
    else:
        digest.update(b"\n" + request._request.body)
    return digest.hexdigest()


def _add_form(digest: Any, request: Request) -> None:
    data: Any = request.data
    fields: list[tuple[str, list[Any]]] = list(data.lists()) if isinstance(data, QueryDict) else []
    for name, values in sorted(fields, key=itemgetter(0)):
        for value in values:
            digest.update(f"\n{len(name)} {name}\n".encode(errors="backslashreplace"))
            if isinstance(value, UploadedFile):
                digest.update(f"{value.name} {value.size}\n".encode(errors="backslashreplace"))
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
            else:
                text = str(value).encode(errors="backslashreplace")
                digest.update(b"%d\n%s" % (len(text), text))
