"""Maps over REST: the list of a folder, and one map."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.fields import ObjectField
from core.api.views import APIView, ListAPIView
from embeddings.choices import ReductionMethod, ReductionState
from embeddings.maps.access import View, get_map, view_map
from embeddings.maps.coverage import map_coverage
from embeddings.maps.payload import view_bounds
from embeddings.models import Reduction
from embeddings.services.versions import discard_version
from embeddings.upgrade_status import get_upgradable
from folders.api.paging import KeysetPagination


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
    parameters = ObjectField(read_only=True, help_text="As they were asked for.")
    used = ObjectField(read_only=True, help_text="As they were used, defaults included.")
    job = serializers.UUIDField(source="job_id", allow_null=True, read_only=True)
    kl_divergence = serializers.FloatField(
        allow_null=True,
        read_only=True,
        help_text="Over the attractions of near neighbours, with the sum over all pairs from the "
        "Fourier transform; null for PCA and for up to three points.",
    )

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


class FolderMapsView(ListAPIView[Reduction]):
    """Maps of a root folder."""

    serializer_class = MapSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("-created_at", "created_at")

    def get_queryset(self) -> QuerySet[Reduction]:
        """All versions, of every key."""
        actor = actor_of(self.request)
        root = get_upgradable(actor, self.kwargs["folder_id"])
        return Reduction.objects.visible_to(actor).filter(root=root).select_related("key")

    @extend_schema(operation_id="folder_maps_list", tags=["Maps"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every version of the maps of a root folder, newest first."""
        return super().get(request, *args, **kwargs)


class MapView(APIView):
    """One map."""

    @extend_schema(operation_id="map_discard", tags=["Maps"], request=None, responses={204: None})
    def delete(self, request: Request, reduction_id: UUID) -> Response:
        """Discard one version of a map; the newest finished one of the others is shown then."""
        actor = actor_of(request)
        discard_version(actor=actor, reduction=get_map(actor, reduction_id))
        return Response(status=204)

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
