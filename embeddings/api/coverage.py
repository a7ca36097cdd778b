"""Coverage of one embedding key, and the units whose vector is all zeros."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import IntegerField

from accounts.middleware import actor_of
from core.api.views import APIView, ListAPIView
from embeddings.api.embedding_keys import CoverageSerializer
from embeddings.api.scope import scope_of
from embeddings.services.coverage import coverage, derived_vectors, units_with_zero_vectors
from embeddings.services.imports import live_embedding_key
from folders.api.paging import KeysetPagination
from folders.api.units import UnitSerializer
from folders.models import Unit


class KeyCoverageSerializer(CoverageSerializer):
    """The counts of one key."""

    derived = IntegerField(
        help_text="Of those with a vector: computed from the vectors of frames or parts."
    )


class KeyCoverageView(APIView):
    """How much of a folder one embedding key covers."""

    @extend_schema(
        operation_id="folder_embedding_coverage",
        tags=["Embeddings"],
        responses=KeyCoverageSerializer,
    )
    def get(self, request: Request, folder_id: UUID, key: str) -> Response:
        """Count the units of a folder that have a vector of the key, and what is odd about them."""
        actor = actor_of(request)
        scope = scope_of(actor, folder_id)
        found = live_embedding_key(actor, key)
        counts = coverage(actor, scope.root, found, units=scope.units)
        values = {
            "units": counts.units,
            "with_vector": counts.with_vector,
            "without_vector": counts.without_vector,
            "zero": counts.zero,
            "derived": derived_vectors(actor, scope.root, found, units=scope.units),
        }
        return Response(KeyCoverageSerializer(values).data)


class ZeroVectorListView(ListAPIView[Unit]):
    """Units with a zero vector."""

    serializer_class = UnitSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("pk", "-pk")

    def get_queryset(self) -> QuerySet[Unit]:
        """Of the folder and all below it, as far as the caller sees them."""
        actor = actor_of(self.request)
        scope = scope_of(actor, self.kwargs["folder_id"])
        key = live_embedding_key(actor, self.kwargs["key"])
        units = units_with_zero_vectors(actor, scope.root, key, units=scope.units)
        return units.select_related("item")

    @extend_schema(operation_id="folder_embedding_zero_list", tags=["Embeddings"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the units whose vector of the key is all zeros: under cosine it has no direction."""
        return super().get(request, *args, **kwargs)
