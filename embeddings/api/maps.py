"""Maps over REST: the list of a folder, and one map."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.middleware import actor_of
from embeddings.choices import ReductionMethod, ReductionState
from embeddings.maps.access import View, get_map, view_map
from embeddings.maps.coverage import map_coverage
from embeddings.maps.payload import view_bounds
from embeddings.models import Reduction
from embeddings.upgrade_status import get_upgradable


class MapKeySerializer(serializers.Serializer[Any]):
    """The embedding key of a map."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    dimensions = serializers.IntegerField(allow_null=True)
    metric = serializers.CharField()


class MapSerializer(serializers.ModelSerializer[Reduction]):
    """One version of a map."""

    folder = serializers.UUIDField(source="root_id", read_only=True)
    key = MapKeySerializer(read_only=True)
    state = serializers.ChoiceField(
        source="current_state", choices=ReductionState.choices, read_only=True
    )
    method = serializers.ChoiceField(choices=ReductionMethod.choices, read_only=True)
    failure = serializers.CharField(source="reason", read_only=True)
    job = serializers.UUIDField(source="job_id", allow_null=True, read_only=True)

    class Meta:
        model = Reduction
        fields = [
            *("id", "folder", "key", "version", "method", "parameters", "used", "state"),
            *("failure", "job", "kl_divergence", "seconds", "created_at", "finished_at"),
        ]
        read_only_fields = fields


class MapCoverageSerializer(serializers.Serializer[Any]):
    """Units of the root folder that the caller sees, and where they are."""

    units = serializers.IntegerField()
    shown = serializers.IntegerField()
    no_vector = serializers.IntegerField()
    zero = serializers.IntegerField(help_text="Zero vectors, which have no direction.")
    unplaced = serializers.IntegerField(help_text="They came after the map was made.")
    left = serializers.IntegerField(help_text="Deleted, or moved away, after the map was made.")
    text = serializers.CharField(help_text="The counts as a sentence.")


class MapPointsSerializer(serializers.Serializer[Any]):
    """What the caller sees of a finished map."""

    count = serializers.IntegerField()
    bounds = serializers.ListField(
        child=serializers.FloatField(), help_text="Smallest x and y, largest x and y."
    )
    mark = serializers.CharField(help_text="Changes with the rows of payload, masks and colours.")
    payload_url = serializers.CharField(help_text="Of these very rows; may be kept for ever.")
    coverage = MapCoverageSerializer()


class MapDetailSerializer(MapSerializer):
    """One version of a map, with its points if it is finished."""

    points = MapPointsSerializer(allow_null=True, read_only=True)

    class Meta(MapSerializer.Meta):
        fields = [*MapSerializer.Meta.fields, "points"]
        read_only_fields = fields


class FolderMapsView(APIView):
    """Maps of a root folder."""

    @extend_schema(
        operation_id="folder_maps_list", tags=["Maps"], responses=MapSerializer(many=True)
    )
    def get(self, request: Request, folder_id: UUID) -> Response:
        """List every version of the maps of a root folder: by key, newest first."""
        actor = actor_of(request)
        root = get_upgradable(actor, folder_id)
        maps = Reduction.objects.visible_to(actor).filter(root=root)
        return Response(MapSerializer(maps.order_by("key__name", "-version"), many=True).data)


class MapView(APIView):
    """One map."""

    @extend_schema(operation_id="map_get", tags=["Maps"], responses=MapDetailSerializer)
    def get(self, request: Request, reduction_id: UUID) -> Response:
        """Show one version of a map: how it was made, and what of it the caller sees."""
        actor = actor_of(request)
        reduction = get_map(actor, reduction_id)
        points = None
        if reduction.is_ready:
            view = view_map(actor, reduction_id)
            points = _points(view) | {"coverage": map_coverage(actor, reduction)}
        return Response(
            {
                **MapSerializer(reduction).data,
                "points": MapPointsSerializer(points).data if points else None,
            }
        )


def _points(view: View) -> dict[str, Any]:
    address = reverse("map-payload", args=[view.reduction.pk])
    return {
        "count": view.count,
        "bounds": view_bounds(view),
        "mark": view.mark,
        "payload_url": f"{address}?mark={view.mark}",
    }
