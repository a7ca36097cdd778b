"""Uploads of local files: addresses to send them to, and what is sent there.

The SDK asks for an address for each file, sends the file there, and then registers it by the key
that came with the address (views.registrations).
"""

from datetime import timedelta
from typing import IO, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError, FieldError, InvalidInput, NotAllowed
from encord_api.addresses import absolute
from encord_api.errors import message_of, status_of
from encord_api.naming import WireSerializer
from encord_api.views.base import EncordView
from folders.choices import FolderRole
from folders.models import Folder, Upload
from folders.permissions import get_folder
from folders.services.object_uploads import begin_objects, object_address, receive_object
from folders.upload_storage import BodyTooShort

_SALT = "encord_api.uploads"
# Kinds of items whose files are taken; images stand for those of groups and sequences, too.
_TYPES = ("image", "video")


class UploadRequest(WireSerializer):
    """How many files are going to be sent."""

    item_type = serializers.CharField()
    count = serializers.IntegerField()


class UploadUrlsView(EncordView):
    """Addresses that files are sent to."""

    def post(self, request: Request, folder_id: UUID) -> Response:
        """One address for each file; its item gets the id that is told with it."""
        folder = get_folder(self.actor, folder_id, FolderRole.EDITOR)
        given = self.payload(UploadRequest)
        if given["item_type"] not in _TYPES:
            message = f"Files of the type “{given['item_type'][:80]}” are not supported here."
            wrong = FieldError("itemType", message, "unsupported", " or ".join(_TYPES))
            raise InvalidInput(message, errors=[wrong])
        uploads = begin_objects(actor=self.actor, folder=folder, count=given["count"])
        return Response({"results": [_upload(request._request, folder, one) for one in uploads]})


@csrf_exempt
@require_http_methods(["PUT"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take a file; the address itself says who may send it, and for how long."""
    try:
        upload_id = _upload_of(token)
        length = request.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise InvalidInput("Say with Content-Length how many bytes come.", code="length")
        content = cast("IO[bytes]", request)
        receive_object(upload_id=upload_id, content=content, length=int(length))
    except BodyTooShort:
        return JsonResponse({"message": "The body ended early."}, status=400)
    except DomainError as error:
        return JsonResponse({"message": message_of(error)}, status=status_of(error))
    return HttpResponse(status=200)


def _upload(request: HttpRequest, folder: Folder, upload: Upload) -> dict[str, object]:
    token = signing.dumps([upload.pk.hex, folder.pk.hex], salt=_SALT)
    path = reverse("encord-upload", args=[token])
    return {
        "itemUuid": upload.pk,
        "objectKey": object_address(upload.pk),
        "signedUrl": absolute(request, path),
        "uploadHeaders": {},
    }


def _upload_of(token: str) -> UUID:
    """The upload that an address is for.

    Raises:
        NotAllowed: it is none of ours, or has expired.
    """
    lifetime: timedelta = settings.UPLOAD_EXPIRY
    try:
        upload_id, _ = signing.loads(token, salt=_SALT, max_age=lifetime)
        return UUID(upload_id)
    except signing.BadSignature as error:
        raise NotAllowed("This address is not valid, or it has expired.") from error
