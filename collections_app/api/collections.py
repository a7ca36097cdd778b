"""Collections over REST."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from collections_app.api.details import collection_detail, valid
from collections_app.api.serializers import (
    ChangedCollectionSerializer,
    ChangeSerializer,
    CollectionDetailSerializer,
    CollectionSerializer,
    CombinationSerializer,
    NewCollectionSerializer,
    PendingCollectionSerializer,
    PendingSerializer,
    UnitsSerializer,
    described,
)
from collections_app.choices import Operation
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.services.collect import Collected, collect
from collections_app.services.collections import delete_collection, update_collection
from collections_app.services.combining import combine_collections
from collections_app.services.matching import remove_matching
from collections_app.services.members import remove_units
from core.api.accepted import accepted
from core.api.views import APIView, ListAPIView
from core.models import Job
from folders.api.paging import KeysetPagination
from folders.choices import FolderRole
from folders.permissions import get_root


class CollectionsView(ListAPIView[Collection]):
    """Collections of a root folder."""

    serializer_class = CollectionSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("name", "-name", "created_at", "-created_at")

    def get_queryset(self) -> QuerySet[Collection]:
        """Those of the root, with what the caller sees of them."""
        actor = actor_of(self.request)
        root = get_root(actor, self.kwargs["folder_id"])
        return Collection.objects.visible_to(actor).filter(root=root).with_unit_counts(actor)

    @extend_schema(operation_id="collections_list", tags=["Collections"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the collections of a root folder by name."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="collections_create",
        tags=["Collections"],
        request=NewCollectionSerializer,
        responses={201: CollectionDetailSerializer, 202: PendingCollectionSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Create a collection, empty or with units; 202 with a job when they are many."""
        actor = actor_of(request)
        root = get_root(actor, folder_id, FolderRole.EDITOR)
        asked = valid(NewCollectionSerializer(data=request.data))
        done = collect(
            actor=actor,
            root=root,
            name=asked["name"],
            description=asked["description"],
            colour=asked["colour"],
            units=asked.get("units"),
            matching=described(asked),
        )
        return _made(request, done)


class CombinationView(APIView):
    """A new collection made of others."""

    @extend_schema(
        operation_id="collections_combine",
        tags=["Collections"],
        request=CombinationSerializer,
        responses={201: CollectionDetailSerializer, 202: PendingCollectionSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Copy, unite, intersect or subtract collections; 202 with a job when units are many."""
        actor = actor_of(request)
        root = get_root(actor, folder_id, FolderRole.EDITOR)
        asked = valid(CombinationSerializer(data=request.data))
        operation = Operation(asked.pop("operation"))
        return _made(
            request, combine_collections(actor=actor, root=root, operation=operation, **asked)
        )


class CollectionView(APIView):
    """One collection."""

    @extend_schema(
        operation_id="collections_read", tags=["Collections"], responses=CollectionDetailSerializer
    )
    def get(self, request: Request, collection_id: UUID) -> Response:
        """Read a collection with its recipe."""
        return Response(collection_detail(actor_of(request), collection_id))

    @extend_schema(
        operation_id="collections_update",
        tags=["Collections"],
        request=ChangedCollectionSerializer,
        responses=CollectionDetailSerializer,
    )
    def patch(self, request: Request, collection_id: UUID) -> Response:
        """Change name, description or colour."""
        actor = actor_of(request)
        collection = get_collection(actor, collection_id, FolderRole.EDITOR)
        asked = valid(ChangedCollectionSerializer(data=request.data))
        update_collection(actor=actor, collection=collection, **asked)
        return Response(collection_detail(actor_of(request), collection_id))

    @extend_schema(operation_id="collections_delete", tags=["Collections"], responses={204: None})
    def delete(self, request: Request, collection_id: UUID) -> Response:
        """Delete the collection; its units stay."""
        actor = actor_of(request)
        collection = get_collection(actor, collection_id, FolderRole.EDITOR)
        delete_collection(actor=actor, collection=collection)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CollectionUnitsView(APIView):
    """Members of a collection; read them by the folder's units with a filter on `collection`."""

    @extend_schema(
        operation_id="collections_add_units",
        tags=["Collections"],
        request=UnitsSerializer,
        responses={200: ChangeSerializer, 202: PendingSerializer},
    )
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Add units; 202 with a job when they are many."""
        actor = actor_of(request)
        collection = get_collection(actor, collection_id, FolderRole.EDITOR)
        asked = valid(UnitsSerializer(data=request.data))
        done = collect(
            actor=actor,
            root=collection.root,
            collection_id=collection.pk,
            units=asked.get("units"),
            matching=described(asked),
        )
        return _done(request, done)

    @extend_schema(
        operation_id="collections_remove_units",
        tags=["Collections"],
        request=UnitsSerializer,
        responses={200: ChangeSerializer, 202: PendingSerializer},
    )
    def delete(self, request: Request, collection_id: UUID) -> Response:
        """Remove units, which stay in their folder, as they are added; 202 when they are many."""
        actor = actor_of(request)
        collection = get_collection(actor, collection_id, FolderRole.EDITOR)
        asked = valid(UnitsSerializer(data=request.data))
        matching = described(asked)
        if matching is None:
            units = asked.get("units", [])
            change = remove_units(actor=actor, collection=collection, units=units)
            return _done(request, Collected(collection, change=change))
        done = remove_matching(actor=actor, collection=collection, matching=matching)
        if isinstance(done, Job):
            return _done(request, Collected(collection, job=done))
        return _done(request, Collected(collection, change=done))


def _done(request: Request, done: Collected) -> Response:
    if done.job is not None:
        return accepted(request, done.job.pk, {"job": str(done.job.pk)})
    return Response(ChangeSerializer(done.change).data)


def _made(request: Request, done: Collected) -> Response:
    made = collection_detail(actor_of(request), done.collection.pk)
    if done.job is not None:
        return accepted(request, done.job.pk, made)
    return Response(made, status=status.HTTP_201_CREATED)
