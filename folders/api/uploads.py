"""Resumable uploads over REST, by the tus protocol; folders.tus speaks it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.middleware import actor_of
from core.api.views import APIView
from core.partial_bodies import CONTENT_TYPE
from folders import tus
from folders.choices import FolderRole, ItemKind, ItemState
from folders.permissions import get_folder


class UploadedItemSerializer(serializers.Serializer[Any]):
    """The item that came of an upload."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ItemKind.choices)
    state = serializers.ChoiceField(choices=ItemState.choices)
    url = serializers.CharField()


class UploadSerializer(serializers.Serializer[Any]):
    """A file on its way in; `item` is null until all of it has arrived."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="How many bytes are stored.")
    item = UploadedItemSerializer(allow_null=True)


def _header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(
        name, str, OpenApiParameter.HEADER, required=required, description=description
    )


_VERSION = _header("Tus-Resumable", f"`{tus.VERSION}`", required=True)
_CHECKSUM = _header("Upload-Checksum", f"Algorithm ({', '.join(tus.CHECKSUMS)}) and Base64 digest")
_BODY = {CONTENT_TYPE: OpenApiTypes.BINARY}


class TusView(APIView):
    """What each answer of the protocol carries."""

    # The protocol has a key of its own, within Upload-Metadata.
    takes_idempotency_key = False

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer with the version of the protocol, refusals included."""
        final = super().finalize_response(request, response, *args, **kwargs)
        return tus.with_version(final)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Say which parts of the protocol are understood."""
        return tus.discover()


class UploadListView(TusView):
    """New files of a folder."""

    @extend_schema(
        operation_id="uploads_create",
        tags=["Uploads"],
        parameters=[
            _VERSION,
            _header("Upload-Length", "The size of the file in bytes", required=True),
            _header(
                "Upload-Metadata",
                "`filename`; for a file to import `purpose` (`import`); optionally a `key` under "
                "which asking again gives the same upload. Values in Base64",
                required=True,
            ),
            _CHECKSUM,
        ],
        request=_BODY,
        responses={201: UploadSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> HttpResponse:
        """Announce a file; its first bytes, or all of them, may come along.

        The header `Location` of the answer is where the rest goes. A file that came whole is an
        item at once: the header `Kindred-Item` and the body name it.
        """
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        return tus.create(
            request._request,
            actor,
            folder,
            lambda pk: reverse("api-upload", args=[folder_id, pk]),
        )


class UploadView(TusView):
    """A file on its way into a folder, for whoever began it."""

    @extend_schema(exclude=True)
    def head(self, request: Request, folder_id: UUID, upload_id: UUID) -> HttpResponse:
        """Ask how much is stored: the header `Upload-Offset` says it."""
        return tus.head(request._request, actor_of(request), folder_id, upload_id)

    @extend_schema(
        operation_id="uploads_append",
        tags=["Uploads"],
        parameters=[
            _VERSION,
            _header("Upload-Offset", "Where these bytes belong", required=True),
            _CHECKSUM,
        ],
        request=_BODY,
        responses={200: UploadSerializer, 204: None},
    )
    def patch(self, request: Request, folder_id: UUID, upload_id: UUID) -> HttpResponse:
        """Send further bytes; status 409 says that the upload stands elsewhere.

        Answers JSON where the request accepts that, else status 204. A `HEAD` request tells where
        the upload stands, in the header `Upload-Offset`. Of a connection that breaks, what arrived
        counts.
        """
        return tus.patch(request._request, actor_of(request), folder_id, upload_id)

    @extend_schema(
        operation_id="uploads_delete",
        tags=["Uploads"],
        parameters=[_VERSION],
        responses={204: None},
    )
    def delete(self, request: Request, folder_id: UUID, upload_id: UUID) -> HttpResponse:
        """Give the upload up; an item that came of it stays."""
        return tus.delete(request._request, actor_of(request), folder_id, upload_id)
