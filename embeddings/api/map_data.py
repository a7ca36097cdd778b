"""What a browser draws a map from: points, masks, colours, cards."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.views import APIView
from core.errors import FieldError, InvalidInput
from embeddings.maps.access import View, get_map, view_any_map, view_map
from embeddings.maps.card import MAX_CARDS, PointCard, point_card, point_cards
from embeddings.maps.colours import map_colours
from embeddings.maps.framing import CONTENT_TYPE
from embeddings.maps.mask import map_mask
from embeddings.maps.payload import map_payload
from folders import filters
from folders.addresses import unit_thumbnail_url

_MARK = OpenApiParameter(
    "mark", str, description="Of the payload that the caller holds; another one answers 409."
)


class MapPayloadView(APIView):
    """The points of a map."""

    @extend_schema(
        operation_id="map_payload",
        tags=["Maps"],
        parameters=[_MARK],
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, reduction_id: UUID) -> HttpResponseBase:
        """Send the points that the caller sees, in binary; see docs for the format."""
        view = view_map(actor_of(request), reduction_id, _mark(request))
        known = get_conditional_response(request._request, etag=_etag(view))
        if known is not None:
            return _with_caching(request, view, known)
        return _with_caching(
            request, view, HttpResponse(map_payload(view), content_type=CONTENT_TYPE)
        )


class MapMaskView(APIView):
    """Which points match a filter."""

    @extend_schema(
        operation_id="map_mask",
        tags=["Maps"],
        parameters=[OpenApiParameter("filter", str, description="Encoded as in links."), _MARK],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY, "Bit i, least significant first, is row i of the payload."
            )
        },
    )
    def get(self, request: Request, reduction_id: UUID) -> HttpResponse:
        """Send one bit for each row of the payload, and their number in X-Kindred-Count."""
        actor = actor_of(request)
        view = view_any_map(actor, reduction_id, _mark(request))
        encoded = request.query_params.get("filter", "")
        node = filters.decode(encoded) if encoded else None
        mask = map_mask(view, filters.units(actor, view.reduction.root, node))
        response = HttpResponse(mask.bits, content_type="application/octet-stream")
        response["X-Kindred-Count"] = str(mask.count)
        response["X-Kindred-Mark"] = view.mark
        response["Cache-Control"] = "private, no-store"
        return response


class MapColoursView(APIView):
    """One value for each point."""

    @extend_schema(
        operation_id="map_colours",
        tags=["Maps"],
        parameters=[
            OpenApiParameter("field", str, required=True, description="kind, folder, metadata.…"),
            _MARK,
        ],
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, reduction_id: UUID) -> HttpResponse:
        """Send a column of categories or numbers, in binary; see docs for the format."""
        actor = actor_of(request)
        field = request.query_params.get("field", "")
        if not field:
            message = "Name the field to colour by."
            raise InvalidInput(message, errors=[FieldError("field", message, "required")])
        view = view_any_map(actor, reduction_id, _mark(request))
        # Metadata changes without the map: never cached.
        response = HttpResponse(map_colours(view, actor, field), content_type=CONTENT_TYPE)
        response["Cache-Control"] = "private, no-store"
        return response


class CardValueSerializer(serializers.Serializer[Any]):
    """One value of a unit's metadata, in words."""

    name = serializers.CharField()
    value = serializers.CharField()


class PointCardSerializer(serializers.Serializer[Any]):
    """The card beside a point."""

    ordinal = serializers.IntegerField()
    x = serializers.FloatField()
    y = serializers.FloatField()
    unit = serializers.IntegerField(source="unit.pk")
    item = serializers.UUIDField(source="unit.item_id")
    name = serializers.CharField(source="unit.item.name")
    kind = serializers.CharField(source="unit.kind")
    frame = serializers.IntegerField(source="unit.frame", allow_null=True)
    thumbnail = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="The item's page.")
    values = serializers.SerializerMethodField()

    def get_thumbnail(self, card: PointCard) -> str:
        """Address of the small picture."""
        return unit_thumbnail_url(card.unit)

    def get_url(self, card: PointCard) -> str:
        """Address of the item's page."""
        return reverse("item", args=[card.unit.item_id])

    @extend_schema(responses=CardValueSerializer(many=True))
    def get_values(self, card: PointCard) -> list[dict[str, str]]:
        """The first few values."""
        return [{"name": name, "value": value} for name, value in card.metadata.items()]


class MapPointView(APIView):
    """One point."""

    @extend_schema(operation_id="map_point", tags=["Maps"], responses=PointCardSerializer)
    def get(self, request: Request, reduction_id: UUID, ordinal: int) -> Response:
        """Show the unit of a point."""
        actor = actor_of(request)
        card = point_card(actor, get_map(actor, reduction_id), ordinal)
        return Response(PointCardSerializer(card).data)


class MapCardsSerializer(serializers.Serializer[Any]):
    """Cards of several points."""

    points = PointCardSerializer(many=True)


class MapCardsView(APIView):
    """Several points."""

    @extend_schema(
        operation_id="map_points",
        tags=["Maps"],
        parameters=[
            OpenApiParameter(
                "ordinals", str, required=True, description=f"Up to {MAX_CARDS}, with commas."
            )
        ],
        responses=MapCardsSerializer,
    )
    def get(self, request: Request, reduction_id: UUID) -> Response:
        """Show the units of some points, without those that are gone or not the caller's to see."""
        actor = actor_of(request)
        ordinals = _ordinals(str(request.query_params.get("ordinals", "")))
        cards = point_cards(actor, get_map(actor, reduction_id), ordinals)
        return Response(MapCardsSerializer({"points": cards}).data)


def _ordinals(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > MAX_CARDS:
        raise InvalidInput(f"Ask for at most {MAX_CARDS} points at once.", code="too_many")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        message = "Give ordinals of points, with commas between them."
        expected, found = "as 0,12,345", text[:80]
        error = FieldError("ordinals", message, "not_numbers", expected, found)
        raise InvalidInput(message, errors=[error])
    return [int(part) for part in parts]


def _mark(request: Request) -> str:
    return str(request.query_params.get("mark", ""))


def _with_caching(request: Request, view: View, response: HttpResponseBase) -> HttpResponseBase:
    """An address that names the mark never changes; one that does not is asked for each time."""
    lifetime = "max-age=31536000, immutable" if _mark(request) else "no-cache"
    response["Cache-Control"] = f"private, {lifetime}"
    response["ETag"] = _etag(view)
    response["X-Kindred-Mark"] = view.mark
    # The rows are cut by who looks.
    response["Vary"] = "Cookie, Authorization"
    return response


def _etag(view: View) -> str:
    return f'"{view.mark}"'
