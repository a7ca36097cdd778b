"""Vectors of a folder over REST: write many, read them page by page."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.parsers import JSONParser
from core.api.views import ListAPIView
from core.errors import FieldError, InvalidInput
from embeddings.api.npy import MEDIA_TYPE, NpyBody, NpyParser, NpyRenderer, as_rows, read_many
from embeddings.api.scope import scope_of
from embeddings.api.vector_body import read_body
from embeddings.api.vector_fields import ENCODINGS, LIST, VectorField, encode
from embeddings.constants import MAX_VECTORS_PER_REQUEST
from embeddings.querysets import units_of_key, values_of
from embeddings.services.imports import import_vectors, live_embedding_key
from folders.api.paging import KeysetPagination
from folders.models import Unit
from folders.permissions import get_folder

BINARY = OpenApiResponse(
    OpenApiTypes.BINARY, "An array as numpy.save writes it, float32 bit for bit."
)
ENCODING = OpenApiParameter(
    "encoding",
    str,
    enum=list(ENCODINGS),
    default=LIST,
    description="Of vectors in JSON: numbers, or Base64 of little-endian float32.",
)


class VectorSerializer(serializers.Serializer[Any]):
    """One vector; the item is named by id or, within the folder and below, by name."""

    item = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False)
    frame = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, help_text="A frame of a video."
    )
    values = VectorField()


class VectorsSerializer(serializers.Serializer[Any]):
    """Vectors of one embedding key."""

    key = serializers.CharField(help_text="Name of the embedding key.")
    vectors = serializers.ListField(
        child=VectorSerializer(), min_length=1, max_length=MAX_VECTORS_PER_REQUEST
    )


class VectorsReportSerializer(serializers.Serializer[Any]):
    """What was written."""

    written = serializers.IntegerField()
    dimensions = serializers.IntegerField()


class StoredVectorSerializer(serializers.Serializer[Any]):
    """A vector as it is stored."""

    unit = serializers.IntegerField()
    item = serializers.UUIDField()
    frame = serializers.IntegerField(allow_null=True, help_text="Null for the item as a whole.")
    values = VectorField()


class VectorsView(ListAPIView[Unit]):
    """Vectors of a folder."""

    serializer_class = StoredVectorSerializer
    parser_classes = [JSONParser, NpyParser]
    renderer_classes = [JSONRenderer, NpyRenderer]
    pagination_class = KeysetPagination
    keyset_orders = ("pk", "-pk")

    @extend_schema(
        operation_id="folder_vectors_list",
        tags=["Embeddings"],
        parameters=[
            OpenApiParameter("key", str, required=True, description="Name of the embedding key."),
            ENCODING,
        ],
        responses={
            (200, "application/json"): StoredVectorSerializer(many=True),
            (200, MEDIA_TYPE): BINARY,
        },
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read the vectors of one key in the folder and all below it, page by page.

        With `Accept: application/x-npy` a page is a structured array with the fields `item`,
        `frame` (-1: the item as a whole) and `vector`, which can be sent back as it is; the header
        `Link` leads to the next page.
        """
        actor = actor_of(request)
        scope = scope_of(actor, self.kwargs["folder_id"])
        key = live_embedding_key(actor, _key_name(request))
        encoding = read_encoding(request)
        units = self.paginate_queryset(units_of_key(actor, scope.root, key, units=scope.units))
        values = values_of(key, [unit.pk for unit in units or []])
        # A vector may have gone since its unit was found.
        rows = [(unit, values[unit.pk]) for unit in units or [] if unit.pk in values]
        if request.accepted_renderer.format == NpyRenderer.format:
            listed = [(unit.item_id, unit.frame, vector) for unit, vector in rows]
            return self._with_link(Response(as_rows(listed, key.dimensions or 0)))
        return self.get_paginated_response(
            [
                {
                    "unit": unit.pk,
                    "item": unit.item_id,
                    "frame": unit.frame,
                    "values": encode(vector, encoding),
                }
                for unit, vector in rows
            ]
        )

    @extend_schema(
        operation_id="folder_vectors_import",
        tags=["Embeddings"],
        parameters=[
            OpenApiParameter("key", str, description="Name of the key, when an array is sent.")
        ],
        request={"application/json": VectorsSerializer, MEDIA_TYPE: OpenApiTypes.BINARY},
        responses=VectorsReportSerializer,
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Write vectors for items in the folder, over those they have; all of them or none.

        As JSON with numbers or Base64 of float32, or as a structured `.npy` array whose fields are
        `item` (or `name`), `frame` (may be absent; -1: the item as a whole) and `vector`.
        """
        actor = actor_of(request)
        folder = get_folder(actor, folder_id)
        body = request.data
        if isinstance(body, NpyBody):
            key_name, entries = _key_name(request), read_many(body)
        else:
            key_name, entries = read_body(body)
        report = import_vectors(actor=actor, folder=folder, key_name=key_name, entries=entries)
        return Response(VectorsReportSerializer(report).data)

    def get_queryset(self) -> QuerySet[Unit]:
        """Nothing: rows depend on the key that the address names."""
        return Unit.objects.none()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Only pages are arrays; reports are JSON whatever else is accepted."""
        if request.method == "POST":
            renderer = JSONRenderer()
            return renderer, renderer.media_type
        return super().perform_content_negotiation(request, force)

    def _with_link(self, response: Response) -> Response:
        following = getattr(self.paginator, "following", None)
        if following:
            response["Link"] = f'<{following}>; rel="next"'
        return response


def read_encoding(request: Request) -> str:
    """How vectors are to be written in JSON.

    Raises:
        InvalidInput: there is no such way.
    """
    encoding = str(request.query_params.get("encoding", LIST))
    if encoding not in ENCODINGS:
        expected = " or ".join(ENCODINGS)
        raise InvalidInput(
            errors=[FieldError("encoding", "There is no such encoding.", "choice", expected)]
        )
    return encoding


def _key_name(request: Request) -> str:
    name = str(request.query_params.get("key", "")).replace("\0", "")
    if not name:
        message = "Name the embedding key."
        raise InvalidInput(message, errors=[FieldError("key", message, "required")])
    return name
