"""Replaying recipes over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from collections_app.api.details import collection_detail, valid
from collections_app.api.replay_serializers import (
    AppliedSerializer,
    ApplySerializer,
    ReplaySerializer,
    SaveReplaySerializer,
)
from collections_app.api.serializers import (
    CollectionDetailSerializer,
    PendingCollectionSerializer,
    PendingSerializer,
)
from collections_app.permissions import get_collection
from collections_app.previews import preview
from collections_app.services.replaying import apply_recipe, save_replay
from core.api.accepted import accepted
from core.api.views import APIView
from core.models import Job
from folders.choices import FolderRole


class ReplayView(APIView):
    """The recipe of a collection on today's data."""

    @extend_schema(
        operation_id="collection_replay_preview", tags=["Collections"], responses=ReplaySerializer
    )
    def get(self, request: Request, collection_id: UUID) -> Response:
        """See what replaying the recipe would change; nothing is changed."""
        actor = actor_of(request)
        return Response(ReplaySerializer(preview(actor, get_collection(actor, collection_id))).data)

    @extend_schema(
        operation_id="collection_replay",
        tags=["Collections"],
        request=ApplySerializer,
        responses={200: AppliedSerializer, 202: PendingSerializer},
    )
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Make the collection what its recipe makes today; 202 with a job when that is much."""
        actor = actor_of(request)
        collection = get_collection(actor, collection_id, FolderRole.EDITOR)
        asked = valid(ApplySerializer(data=request.data))
        expected: dict[str, Any] | None = asked.get("expected")
        done = apply_recipe(
            actor=actor,
            collection=collection,
            leave_out=asked["leave_out"],
            expected=(expected["added"], expected["removed"]) if expected else None,
        )
        if isinstance(done, Job):
            return accepted(request, done.pk, {"job": str(done.pk)})
        return Response(AppliedSerializer(done).data)


class SaveReplayView(APIView):
    """What a recipe makes today, as a new collection."""

    @extend_schema(
        operation_id="collection_replay_save",
        tags=["Collections"],
        request=SaveReplaySerializer,
        responses={201: CollectionDetailSerializer, 202: PendingCollectionSerializer},
    )
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Save what the recipe makes today as a new collection with the same recipe."""
        actor = actor_of(request)
        collection = get_collection(actor, collection_id, FolderRole.EDITOR)
        asked = valid(SaveReplaySerializer(data=request.data))
        saved = save_replay(actor=actor, collection=collection, **asked)
        made = collection_detail(actor, saved.collection.pk)
        if saved.job is not None:
            return accepted(request, saved.job.pk, made)
        return Response(made, status=status.HTTP_201_CREATED)
