"""Derived vectors over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.jobs import AcceptedJobSerializer, accepted_job
from core.api.views import ListAPIView
from embeddings.choices import Derivation
from embeddings.derived_status import derived_keys
from embeddings.services.derived import start_derivation
from embeddings.services.imports import live_embedding_key
from folders.api.paging import KeysetPagination
from folders.models import MetadataKey
from folders.permissions import get_folder


class DerivedKeySerializer(serializers.Serializer[Any]):
    """How many videos, sequences and groups have a derived vector of one key."""

    key = serializers.CharField(source="key.name")
    metric = serializers.CharField(source="key.metric")
    mean = serializers.IntegerField()
    medoid = serializers.IntegerField()


class DerivationSerializer(serializers.Serializer[Any]):
    """What is to be derived."""

    key = serializers.CharField(max_length=150, help_text="Name of the embedding key.")
    method = serializers.ChoiceField(
        choices=Derivation.choices,
        help_text=(
            "mean: of the vectors of the frames or parts, under cosine of their directions."
            " medoid: the one among them with the least sum of distances to the others."
        ),
    )


class DerivedVectorsView(ListAPIView[MetadataKey]):
    """Derived vectors of a folder."""

    serializer_class = DerivedKeySerializer
    pagination_class = KeysetPagination
    keyset_orders = ("name", "-name")

    @extend_schema(operation_id="folder_derived_vectors_list", tags=["Embeddings"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Count the derived vectors of the folder and below it, by key and method."""
        actor = actor_of(request)
        rows = derived_keys(actor, get_folder(actor, self.kwargs["folder_id"]))
        by_key = {row.key.pk: row for row in rows}
        keys = self.paginate_queryset(MetadataKey.objects.filter(pk__in=by_key)) or []
        listed = [by_key[key.pk] for key in keys]
        return self.get_paginated_response(DerivedKeySerializer(listed, many=True).data)

    @extend_schema(
        operation_id="folder_derived_vectors_start",
        tags=["Embeddings"],
        request=DerivationSerializer,
        responses={202: AcceptedJobSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Derive vectors of videos, sequences and groups from those of their frames and parts.

        Vectors that were sent are never replaced; derived ones are made anew.
        """
        actor = actor_of(request)
        folder = get_folder(actor, folder_id)
        asked = DerivationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        job = start_derivation(
            actor=actor,
            folder=folder,
            key=live_embedding_key(actor, asked.validated_data["key"]),
            method=Derivation(asked.validated_data["method"]),
        )
        return accepted_job(request, job)
