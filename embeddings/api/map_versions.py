"""Versions of a map over REST: computed anew, compared, kept, discarded."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted
from core.api.views import APIView
from embeddings.api.maps import MapSerializer
from embeddings.maps.access import get_map
from embeddings.maps.beside import beside_frame
from embeddings.maps.drift import drift_report
from embeddings.maps.framing import CONTENT_TYPE
from embeddings.services.versions import keep_version, recompute_map


class RecomputingMapSerializer(MapSerializer, AcceptedSerializer):
    """A version that a worker computes."""

    class Meta(MapSerializer.Meta):
        fields = [*MapSerializer.Meta.fields, "job_url"]
        read_only_fields = fields


class RecomputeMapView(APIView):
    """A new version of a map."""

    @extend_schema(
        operation_id="map_recompute",
        tags=["Maps"],
        request=None,
        responses={202: RecomputingMapSerializer},
    )
    def post(self, request: Request, reduction_id: UUID) -> Response:
        """Compute the map anew of all present vectors, beginning at the places that they have."""
        actor = actor_of(request)
        started = recompute_map(actor=actor, reduction=get_map(actor, reduction_id))
        found = get_map(actor, started.pk)
        assert found.job_id is not None  # noqa: S101  (it was begun with one)
        return accepted(request, found.job_id, MapSerializer(found).data)


class KeptSerializer(serializers.Serializer[Any]):
    """What keeping a version did."""

    deleted = serializers.IntegerField(help_text="Earlier versions that are gone now.")


class KeepMapView(APIView):
    """The end of the earlier versions."""

    @extend_schema(operation_id="map_keep", tags=["Maps"], request=None, responses=KeptSerializer)
    def post(self, request: Request, reduction_id: UUID) -> Response:
        """Keep this version and delete the finished ones before it."""
        actor = actor_of(request)
        deleted = keep_version(actor=actor, reduction=get_map(actor, reduction_id))
        return Response({"deleted": deleted})


class MovedSerializer(serializers.Serializer[Any]):
    """A unit that moved far."""

    unit = serializers.IntegerField()
    ordinal = serializers.IntegerField()
    shift = serializers.FloatField(help_text="As a share of the width of the earlier version.")


class DriftSerializer(serializers.Serializer[Any]):
    """How two versions differ, in what the caller sees of both."""

    version = serializers.IntegerField()
    before = serializers.IntegerField(
        allow_null=True, help_text="The finished version before it, if there is one."
    )
    common = serializers.IntegerField(help_text="Units on both.")
    neighbours_kept = serializers.FloatField(
        allow_null=True, help_text="Share of each point's ten nearest that still are."
    )
    median_shift = serializers.FloatField(
        allow_null=True, help_text="As a share of the width of the earlier version."
    )
    most_moved = MovedSerializer(many=True)


class MapDriftPointsView(APIView):
    """The points of two versions."""

    @extend_schema(
        operation_id="map_drift_points",
        tags=["Maps"],
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, reduction_id: UUID) -> HttpResponse:
        """Send where each unit lies on this map and on the finished version before it.

        In binary, framed as the points of one map; see docs. Units that are on one alone are not
        in it.
        """
        actor = actor_of(request)
        frame = beside_frame(actor, get_map(actor, reduction_id))
        response = HttpResponse(frame, content_type=CONTENT_TYPE)
        # Either version may be discarded at any time.
        response["Cache-Control"] = "private, no-store"
        return response


class MapDriftView(APIView):
    """Two versions of a map compared."""

    @extend_schema(operation_id="map_drift", tags=["Maps"], responses=DriftSerializer)
    def get(self, request: Request, reduction_id: UUID) -> Response:
        """Compare a map with the finished version before it."""
        actor = actor_of(request)
        return Response(DriftSerializer(drift_report(actor, get_map(actor, reduction_id))).data)
