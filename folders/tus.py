"""The tus protocol for resumable uploads, version 1.0: https://tus.io/protocols/resumable-upload.

Core with creation, creation-with-upload, termination, expiration and checksum. Read from and
answered to Django's requests, for pages (folders.views.uploads) and REST (folders.api.uploads).

Beyond the protocol: the metadata may hold a `key` of the sender's own choice; announcing a file
again under the same key gives the upload that is there, so that an answer that was lost does not
lead to a second item. Once all bytes are there, answers name the item in the header
`Kindred-Item`, and describe it in JSON where the request accepts that. A request of no bytes at the
end of a complete upload repeats that answer, and makes the item if the first attempt was cut off.
"""

import base64
import binascii
from collections.abc import Callable
from typing import IO, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import http_date

from accounts.actor import Actor
from core.errors import Conflict, DomainError, FieldError, InvalidInput
from core.partial_bodies import CONTENT_TYPE, received_bytes
from folders.choices import UploadPurpose
from folders.models import Folder, Upload
from folders.services.uploads import (
    Checksum,
    begin_upload,
    end_upload,
    finish_upload,
    get_upload,
    item_of,
    receive_part,
)
from folders.upload_storage import BodyTooShort

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
CHECKSUMS = ("sha1", "sha256", "md5")
_PURPOSES = (UploadPurpose.ITEM, UploadPurpose.IMPORT)
ITEM_HEADER = "Kindred-Item"

Address = Callable[[UUID], str]


class WrongVersion(DomainError):
    """The caller speaks another version of the protocol."""

    status = 412
    default_code = "tus_version"
    default_message = f"Send the header Tus-Resumable: {VERSION}."


class WrongContentType(DomainError):
    """The bytes came as something else."""

    status = 415
    default_code = "content_type"
    default_message = f"Send the bytes as {CONTENT_TYPE}."


def discover() -> HttpResponse:
    """OPTIONS: what is understood here."""
    response = HttpResponse(status=204)
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(settings.UPLOAD_MAX_BYTES)
    response["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return with_version(response)


def create(request: HttpRequest, actor: Actor, folder: Folder, address: Address) -> HttpResponse:
    """POST: announce a file, and if the request has a body take its first bytes or all of it."""
    _require_version(request)
    size = _number(request, "Upload-Length")
    given = _metadata(request.headers.get("Upload-Metadata", ""))
    has_body = request.content_type == CONTENT_TYPE
    checksum = _checksum(request) if has_body else None
    upload = begin_upload(
        actor=actor,
        folder=folder,
        name=given.get("filename") or given.get("name") or "",
        size=size,
        purpose=_purpose(given.get("purpose", "")),
        client_key=given.get("key", ""),
    )
    if has_body and upload.offset == 0:
        upload = _receive_first(request, upload, checksum)
    upload = finish_upload(actor=actor, upload=upload)
    response = JsonResponse(describe(upload), status=201)
    response["Location"] = address(upload.pk)
    return _state(response, upload)


def head(request: HttpRequest, actor: Actor, folder_id: UUID, upload_id: UUID) -> HttpResponse:
    """HEAD: how much is there."""
    _require_version(request)
    upload = get_upload(actor, folder_id, upload_id)
    response = _state(HttpResponse(status=200), upload)
    response["Upload-Length"] = str(upload.size)
    name = base64.b64encode(upload.name.encode()).decode()
    response["Upload-Metadata"] = f"filename {name}"
    return response


def patch(request: HttpRequest, actor: Actor, folder_id: UUID, upload_id: UUID) -> HttpResponse:
    """PATCH: take further bytes."""
    _require_version(request)
    upload = get_upload(actor, folder_id, upload_id)
    if request.content_type != CONTENT_TYPE:
        raise WrongContentType
    offset = _number(request, "Upload-Offset")
    upload = _receive(request, upload, offset, _checksum(request))
    upload = finish_upload(actor=actor, upload=upload)
    if "application/json" in request.headers.get("Accept", ""):
        return _state(JsonResponse(describe(upload)), upload)
    return _state(HttpResponse(status=204), upload)


def delete(request: HttpRequest, actor: Actor, folder_id: UUID, upload_id: UUID) -> HttpResponse:
    """DELETE: give the upload up; an item that came of it stays."""
    _require_version(request)
    end_upload(upload=get_upload(actor, folder_id, upload_id))
    return with_version(HttpResponse(status=204))


def describe(upload: Upload) -> dict[str, object]:
    """The upload, and the item that came of it, for JSON."""
    item = item_of(upload)
    return {
        "id": str(upload.pk),
        "name": upload.name,
        "size": upload.size,
        "offset": upload.offset,
        "item": item
        and {
            "id": str(item.pk),
            "name": item.name,
            "kind": item.kind,
            "state": item.state,
            "url": reverse("item", args=[item.pk]),
        },
    }


def with_version(response: HttpResponse) -> HttpResponse:
    """The answer with the header that each has, refusals included."""
    response["Tus-Resumable"] = VERSION
    if response.status_code == WrongVersion.status:
        response["Tus-Version"] = VERSION
    return response


def _state(response: HttpResponse, upload: Upload) -> HttpResponse:
    response["Upload-Offset"] = str(upload.offset)
    response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    response["Cache-Control"] = "no-store"
    if upload.finished:
        response[ITEM_HEADER] = str(upload.item_id)
    return with_version(response)


def _receive_first(request: HttpRequest, upload: Upload, checksum: Checksum | None) -> Upload:
    """The bytes that come with the announcement of a file."""
    try:
        return _receive(request, upload, 0, checksum)
    except Conflict:
        # The same announcement was made before, and its bytes were stored first.
        upload.refresh_from_db()
        return upload


def _receive(
    request: HttpRequest, upload: Upload, offset: int, checksum: Checksum | None
) -> Upload:
    """Store what came of the body, which is less than was sent when the connection broke."""
    try:
        return receive_part(
            upload=upload,
            offset=offset,
            content=cast("IO[bytes]", request),
            length=received_bytes(request),
            checksum=checksum,
        )
    except BodyTooShort as error:
        raise InvalidInput("The body ended early.", code="body_too_short") from error


def _require_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion


def _number(request: HttpRequest, header: str) -> int:
    given = request.headers.get(header, "")
    # More digits than any file has bytes.
    if not (given.isascii() and given.isdigit()) or len(given) > 18:
        wrong = FieldError(
            header, f"The header {header} is missing or wrong.", "invalid", "a number", given[:80]
        )
        raise InvalidInput(wrong.message, errors=[wrong])
    return int(given)


def _metadata(header: str) -> dict[str, str]:
    """The pairs of Upload-Metadata; values come in Base64, or not at all."""
    pairs: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            pairs[name] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError) as error:
            wrong = FieldError(
                f"Upload-Metadata.{name}", "The value is no text in Base64.", found=value[:80]
            )
            raise InvalidInput(wrong.message, errors=[wrong]) from error
    return pairs


def _purpose(given: str) -> UploadPurpose:
    if given and given not in _PURPOSES:
        expected = " or ".join(_PURPOSES)
        wrong = FieldError(
            "Upload-Metadata.purpose", "There is no such purpose.", "invalid", expected, given[:80]
        )
        raise InvalidInput(wrong.message, errors=[wrong])
    return UploadPurpose(given) if given else UploadPurpose.ITEM


def _checksum(request: HttpRequest) -> Checksum | None:
    header = request.headers.get("Upload-Checksum", "")
    if not header:
        return None
    algorithm, _, digest = header.partition(" ")
    try:
        if algorithm not in CHECKSUMS:
            raise ValueError(algorithm)
        return Checksum(algorithm, base64.b64decode(digest, validate=True))
    except ValueError as error:
        expected = f"one of {', '.join(CHECKSUMS)}, and the digest in Base64"
        wrong = FieldError(
            "Upload-Checksum", "The checksum cannot be used.", "invalid", expected, header[:80]
        )
        raise InvalidInput(wrong.message, errors=[wrong]) from error
