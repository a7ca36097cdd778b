"""Selections on maps over REST: what a region held, kept for filters."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.fields import ObjectField
from core.api.views import APIView
from embeddings.maps.access import get_map
from embeddings.maps.drawn import MAX_PARTS, parse_parts
from embeddings.services.map_selections import select_on_map
from folders import filters


class MapSelectionRequestSerializer(serializers.Serializer[Any]):
    """What was drawn, and on which points."""

    parts = serializers.ListField(
        child=ObjectField(),
        help_text=f"1 to {MAX_PARTS} shapes, one after the other: `rectangle` [x0, y0, x1, y1] or "
        "`polygon` [[x, y], …], and `mode`: replace, add or subtract.",
    )
    snapshot = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="X-Kindred-Number of the points of a forming map; absent for a finished one.",
    )


class MapSelectionSerializer(serializers.Serializer[Any]):
    """A selection that is kept."""

    id = serializers.UUIDField()
    units = serializers.IntegerField(help_text="Units of it that the caller sees.")
    filter = ObjectField(help_text="The condition that finds them.")


class MapSelectionsView(APIView):
    """Selections on a map."""

    @extend_schema(
        operation_id="map_select",
        tags=["Maps"],
        request=MapSelectionRequestSerializer,
        responses={201: MapSelectionSerializer},
    )
    def post(self, request: Request, reduction_id: UUID) -> Response:
        """Keep the units that a region holds, whatever becomes of the map."""
        actor = actor_of(request)
        reduction = get_map(actor, reduction_id)
        given = MapSelectionRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        kept = select_on_map(
            actor=actor,
            reduction=reduction,
            parts=parse_parts(given.validated_data["parts"]),
            snapshot=given.validated_data.get("snapshot"),
        )
        leaf = {"field": "map", "op": "within", "value": {"selection": str(kept.pk)}}
        units = filters.units(actor, reduction.root, filters.parse(leaf)).count()
        answer = {"id": kept.pk, "units": units, "filter": leaf}
        return Response(MapSelectionSerializer(answer).data, status=201)
