"""The payload of a map in parts, and how far the caller has seen it."""

from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.views import APIView
from embeddings.maps.access import View, get_ready_map, view_map
from embeddings.maps.framing import CONTENT_TYPE
from embeddings.maps.parts import gone_rows, map_parts, part_data
from embeddings.models import MapSeen, Reduction
from embeddings.services.map_parts import make_parts, mark_seen
from folders.permissions import sees_whole_root

_FOR_EVER = "private, max-age=31536000, immutable"


class MapPartSerializer(serializers.Serializer[Any]):
    """A stretch of points that never changes."""

    first = serializers.IntegerField(help_text="It holds points from this ordinal on.")
    count = serializers.IntegerField(help_text="Its rows.")
    url = serializers.CharField(help_text="May be kept for ever.")


class MapPartsSerializer(serializers.Serializer[Any]):
    """What a map is put together from."""

    reduction = serializers.UUIDField()
    mark = serializers.CharField(help_text="Changes with the rows of masks and colours.")
    count = serializers.IntegerField(help_text="Rows of all parts less those that are gone.")
    laid_out = serializers.IntegerField(help_text="Points from this ordinal on were placed later.")
    seen = serializers.IntegerField(help_text="The caller has seen the points below this ordinal.")
    parts = MapPartSerializer(many=True)
    gone_url = serializers.CharField(
        help_text="A bitmap over the rows of all parts: 1 is gone. Empty when none is."
    )


class MapPartsView(APIView):
    """The parts of a map."""

    @extend_schema(operation_id="map_parts", tags=["Maps"], responses=MapPartsSerializer)
    def get(self, request: Request, reduction_id: UUID) -> HttpResponseBase:
        """List the parts that the points of a finished map come in; 304 while nothing changed."""
        actor = actor_of(request)
        reduction = get_ready_map(actor, reduction_id)
        seen = MapSeen.objects.filter(reduction=reduction, user=actor.user).first()
        up_to = seen.ordinal if seen else 0
        # What is cheap to know comes first: pages ask every few seconds.
        etag = _state(reduction, up_to, whole=sees_whole_root(actor, reduction.root))
        known = get_conditional_response(request._request, etag=etag)
        if known is not None:
            return known
        make_parts(reduction)
        view = view_map(actor, reduction_id)
        answer = Response(MapPartsSerializer(_manifest(view, up_to)).data)
        answer["ETag"] = etag
        return answer


class MapPartView(APIView):
    """One part of a map."""

    @extend_schema(
        operation_id="map_part",
        tags=["Maps"],
        parameters=[
            OpenApiParameter("digest", str, description="Of this very part; another answers 409.")
        ],
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, reduction_id: UUID, first: int) -> HttpResponse:
        """Send the points from an ordinal on, in binary, compressed by gzip."""
        asked = str(request.query_params.get("digest", ""))
        view = view_map(actor_of(request), reduction_id)
        make_parts(view.reduction)
        digest, data = part_data(view, first, asked)
        # All clients of HTTP that are still about read gzip.
        response = HttpResponse(data, content_type=CONTENT_TYPE)
        response["Content-Encoding"] = "gzip"
        response["ETag"] = f'"{digest}"'
        if asked:
            response["Cache-Control"] = _FOR_EVER
        return response


class MapGoneView(APIView):
    """Which rows of the parts are gone."""

    @extend_schema(
        operation_id="map_gone",
        tags=["Maps"],
        parameters=[
            OpenApiParameter("mark", str, description="As the list of parts says; another: 409.")
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, reduction_id: UUID) -> HttpResponse:
        """Send one bit for each row of all parts that whoever sees the whole root gets."""
        asked = str(request.query_params.get("mark", ""))
        view = view_map(actor_of(request), reduction_id, asked)
        bits = gone_rows(view) if view.whole else b""
        response = HttpResponse(bits, content_type="application/octet-stream")
        if asked:
            response["Cache-Control"] = _FOR_EVER
        return response


class MapSeenSerializer(serializers.Serializer[Any]):
    """How far a map is seen."""

    ordinal = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="All points below it are seen."
    )


class MapSeenView(APIView):
    """How far the caller has seen a map."""

    @extend_schema(
        operation_id="map_seen",
        tags=["Maps"],
        request=MapSeenSerializer,
        responses=MapSeenSerializer,
    )
    def put(self, request: Request, reduction_id: UUID) -> Response:
        """Note that points below an ordinal are not new to the caller; never less than before."""
        actor = actor_of(request)
        reduction = get_ready_map(actor, reduction_id)
        given = MapSeenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        seen = mark_seen(actor=actor, reduction=reduction, ordinal=given.validated_data["ordinal"])
        return Response(MapSeenSerializer({"ordinal": seen}).data)


def _manifest(view: View, seen: int) -> dict[str, Any]:
    reduction = view.reduction
    parts = map_parts(view)
    rows = sum(part.count for part in parts)
    gone = reverse("map-gone", args=[reduction.pk])
    return {
        "reduction": reduction.pk,
        "mark": view.mark,
        "count": view.count,
        "laid_out": reduction.segments[0] if reduction.segments else 0,
        "seen": seen,
        "parts": [
            {
                "first": part.first,
                "count": part.count,
                "url": f"{reverse('map-part', args=[reduction.pk, part.first])}"
                f"?digest={part.digest}",
            }
            for part in parts
        ],
        "gone_url": f"{gone}?mark={view.mark}" if rows != view.count else "",
    }


def _state(reduction: Reduction, seen: int, *, whole: bool) -> str:
    """Changes with whatever the map shows, but for grants within a part of the root."""
    told = (
        reduction.pk,
        reduction.segments,
        reduction.placed_revision,
        reduction.point_count,
        reduction.units_left,
        reduction.finished_at,
        seen,
        whole,
    )
    return f'"{blake2b(repr(told).encode(), digest_size=12).hexdigest()}"'
