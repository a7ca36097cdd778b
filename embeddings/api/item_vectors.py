"""One vector over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.parsers import JSONParser
from core.api.views import APIView
from core.errors import FieldError, InvalidInput, NotFound
from embeddings.api.npy import MEDIA_TYPE, NpyBody, NpyParser, NpyRenderer, read_one
from embeddings.api.vector_fields import VectorField, decode, encode
from embeddings.api.vectors import (
    BINARY,
    ENCODING,
    StoredVectorSerializer,
    VectorsReportSerializer,
    read_encoding,
)
from embeddings.querysets import values_of
from embeddings.services.addresses import UnitAddress
from embeddings.services.imports import VectorEntry, import_vectors, live_embedding_key
from folders.models import Unit
from folders.permissions import get_item

_FRAME = OpenApiParameter("frame", int, description="A frame of a video; absent: the whole.")
_MAX_FRAME_DIGITS = 9


class ValuesSerializer(serializers.Serializer[Any]):
    """The values of a vector."""

    values = VectorField()


class ItemVectorView(APIView):
    """The vector of an item, or of one frame of it."""

    parser_classes = [JSONParser, NpyParser]
    renderer_classes = [JSONRenderer, NpyRenderer]

    @extend_schema(
        operation_id="item_vector_get",
        tags=["Embeddings"],
        parameters=[_FRAME, ENCODING],
        responses={
            (200, "application/json"): StoredVectorSerializer,
            (200, MEDIA_TYPE): BINARY,
        },
    )
    def get(self, request: Request, item_id: UUID, key: str) -> Response:
        """Read one vector, bit for bit as it was sent."""
        actor = actor_of(request)
        item = get_item(actor, item_id)
        found = live_embedding_key(actor, key)
        encoding = read_encoding(request)
        unit = Unit.objects.filter(item=item, frame=_frame(request)).first()
        vector = values_of(found, [unit.pk]).get(unit.pk) if unit else None
        if unit is None or vector is None:
            raise NotFound("There is no vector of this key here.")
        if request.accepted_renderer.format == NpyRenderer.format:
            return Response(vector)
        values = encode(vector, encoding)
        return Response({"unit": unit.pk, "item": item.pk, "frame": unit.frame, "values": values})

    @extend_schema(
        operation_id="item_vector_put",
        tags=["Embeddings"],
        parameters=[_FRAME],
        request={"application/json": ValuesSerializer, MEDIA_TYPE: OpenApiTypes.BINARY},
        responses=VectorsReportSerializer,
    )
    def put(self, request: Request, item_id: UUID, key: str) -> Response:
        """Write one vector over what is there, as JSON or as a `.npy` array of one axis."""
        actor = actor_of(request)
        item = get_item(actor, item_id)
        values = _values(request.data)
        address = UnitAddress(item=item.pk, frame=_frame(request))
        report = import_vectors(
            actor=actor, folder=item.folder, key_name=key, entries=[VectorEntry(address, values)]
        )
        return Response(VectorsReportSerializer(report).data)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Reports are JSON whatever else is accepted."""
        if request.method == "PUT":
            renderer = JSONRenderer()
            return renderer, renderer.media_type
        return super().perform_content_negotiation(request, force)


def _values(body: Any) -> Any:
    if isinstance(body, NpyBody):
        return read_one(body)
    if not isinstance(body, dict) or "values" not in body:
        message = "The vector is missing."
        raise InvalidInput(message, errors=[FieldError("values", message, "required")])
    values, error = decode(body["values"], "values")
    if error is not None:
        raise InvalidInput(error.message, errors=[error])
    return values


def _frame(request: Request) -> int | None:
    given = request.query_params.get("frame", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= _MAX_FRAME_DIGITS):
        wrong = FieldError("frame", "Frames are numbered from 0.", "not_a_frame", found=given[:20])
        raise InvalidInput(errors=[wrong])
    return int(given)
