"""Derived vectors over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.middleware import actor_of
from core.api.jobs import JobSerializer
from embeddings.choices import Derivation
from embeddings.derived_status import derived_keys
from embeddings.services.derived import start_derivation
from embeddings.services.imports import live_embedding_key
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


class DerivedVectorsView(APIView):
    """Derived vectors of a folder."""

    @extend_schema(
        operation_id="folder_derived_vectors_list",
        tags=["Embeddings"],
        responses=DerivedKeySerializer(many=True),
    )
    def get(self, request: Request, folder_id: UUID) -> Response:
        """Count the derived vectors of the folder and below it, by key and method."""
        actor = actor_of(request)
        rows = derived_keys(actor, get_folder(actor, folder_id))
        return Response(DerivedKeySerializer(rows, many=True).data)

    @extend_schema(
        operation_id="folder_derived_vectors_start",
        tags=["Embeddings"],
        request=DerivationSerializer,
        responses={202: JobSerializer},
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
        return Response(JobSerializer(job).data, status=202)
