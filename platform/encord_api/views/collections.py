"""Collections of root folders, to the SDK sets of items; see collections_app.items."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from collections_app.items import MemberPage, member_items
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.services.collections import (
    create_collection,
    delete_collection,
    update_collection,
)
from core.errors import FieldError, InvalidInput
from encord_api.item_dto import ItemRendering, Metadata
from encord_api.naming import WireSerializer
from encord_api.paging import PageQuery, page_of
from encord_api.retries import id_of_call
from encord_api.views.base import EncordView
from encord_api.weights import fitting
from folders.choices import FolderRole
from folders.permissions import get_root


class CollectionQuery(PageQuery):
    """Which collections are listed."""

    top_level_folder_uuid = serializers.UUIDField(default=None)
    uuids = serializers.ListField(child=serializers.UUIDField(), default=[])


class RootQuery(WireSerializer):
    """Where a collection is made."""

    top_level_folder_uuid = serializers.UUIDField(default=None)


class NewCollection(WireSerializer):
    """A collection to be made."""

    name = serializers.CharField(trim_whitespace=False)
    description = serializers.CharField(default="", allow_blank=True, allow_null=True)


class CollectionPatch(WireSerializer):
    """What changes of a collection; absent parts stay."""

    name = serializers.CharField(required=False, trim_whitespace=False)
    description = serializers.CharField(required=False, allow_blank=True)


class MembersQuery(PageQuery):
    """Which items of a collection are listed, and how they are shown."""

    include_client_metadata = serializers.BooleanField(default=True)


class CollectionsView(EncordView):
    """Collections that the caller sees."""

    def get(self, request: Request) -> Response:
        """List them: all, those of a folder, those that are named."""
        query = self.query(CollectionQuery)
        found = Collection.objects.visible_to(self.actor)
        if query["top_level_folder_uuid"] is not None:
            found = found.filter(root=query["top_level_folder_uuid"])
        if query["uuids"]:
            found = found.filter(pk__in=query["uuids"])
        return Response(page_of(found, query, order="created_at", render=_dtos))

    def post(self, request: Request) -> Response:
        """Make one, asked again by a retry the same; the answer is its id."""
        root_id = self.query(RootQuery)["top_level_folder_uuid"]
        if root_id is None:
            message = "Say in which top-level folder the collection is to be."
            raise InvalidInput(
                message, errors=[FieldError("topLevelFolderUuid", message, "required")]
            )
        root = get_root(self.actor, root_id, FolderRole.EDITOR)
        given = self.payload(NewCollection)
        collection = create_collection(
            actor=self.actor,
            root=root,
            name=given["name"],
            description=given["description"] or "",
            collection_id=id_of_call(request._request, self.actor),
        )
        return Response(collection.pk)


class CollectionView(EncordView):
    """One collection."""

    def patch(self, request: Request, collection_id: UUID) -> Response:
        """Change its name or description."""
        collection = get_collection(self.actor, collection_id, FolderRole.EDITOR)
        changes = self.payload(CollectionPatch)
        update_collection(actor=self.actor, collection=collection, **changes)
        return Response({})

    def delete(self, request: Request, collection_id: UUID) -> Response:
        """Delete it; its items stay."""
        collection = get_collection(self.actor, collection_id, FolderRole.EDITOR)
        delete_collection(actor=self.actor, collection=collection)
        return Response({})


class AccessibleItemsView(EncordView):
    """Items of a collection that the caller sees."""

    hidden = False

    def get(self, request: Request, collection_id: UUID) -> Response:
        """List them in the order in which they came to the platform."""
        collection = get_collection(self.actor, collection_id)
        query = self.query(MembersQuery)
        members = partial(
            member_items,
            actor=self.actor,
            collection=collection,
            cursor=query["page_token"],
            hidden=self.hidden,
        )
        page = members(limit=query["page_size"])
        shown = query["include_client_metadata"]
        if shown:
            seen = [item_id for item_id in page.item_ids if item_id in page.seen]
            fits = fitting([page.seen[item_id] for item_id in seen])
            if fits < len(seen):
                page = members(limit=page.item_ids.index(seen[fits]))
        render = ItemRendering(
            request._request, metadata=Metadata.WHOLE if shown else Metadata.OMITTED
        )
        return Response(
            {"results": _items(page, render), "nextPageToken": page.next_cursor or None}
        )


class AllItemsView(AccessibleItemsView):
    """All its items; of those that the caller may not look at the ids alone."""

    hidden = True


def _items(page: MemberPage, render: ItemRendering) -> list[dict[str, Any]]:
    seen = {item.pk: dto for item, dto in _rendered(page, render)}
    return [seen.get(item_id, {"uuid": item_id}) for item_id in page.item_ids]


def _rendered(page: MemberPage, render: ItemRendering) -> Any:
    items = list(page.seen.values())
    return zip(items, render(items), strict=True)


def _dtos(collections: Sequence[Collection]) -> list[dict[str, Any]]:
    return [
        {
            "uuid": one.pk,
            "topLevelFolderUuid": one.root_id,
            "name": one.name,
            "description": one.description,
            "createdAt": one.created_at,
            "lastEditedAt": one.updated_at,
        }
        for one in collections
    ]
