"""Items as the SDK lists and finds them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from encord_api.item_dto import ItemRendering, Metadata
from encord_api.naming import camel
from encord_api.paging import PageQuery, page_of
from encord_api.views.base import EncordView
from encord_api.weights import fitting
from folders.choices import ItemKind
from folders.models import Folder, Item
from folders.permissions import get_folder

_KINDS = {camel(kind): kind for kind in ItemKind.values}


class ItemsQuery(PageQuery):
    """Which items are listed, and how they are shown."""

    search = serializers.CharField(default="", allow_blank=True)
    is_recursive = serializers.BooleanField(default=False)
    is_in_dataset = serializers.BooleanField(default=False)
    item_types = serializers.ListField(child=serializers.CharField(), default=None)
    order = serializers.ChoiceField(choices=["name", "createdAt"], default="name")
    desc = serializers.BooleanField(default=False)
    sign_urls = serializers.BooleanField(default=False)
    include_client_metadata = serializers.BooleanField(default=True)
    client_metadata_as_signed_url = serializers.BooleanField(default=False)


class _ItemListView(EncordView):
    """A page of items."""

    def page(self, items: QuerySet[Item], query: dict[str, Any]) -> Response:
        """The page that the address asks for."""
        if query["is_in_dataset"]:
            # There are no datasets here.
            items = items.none()
        if query["item_types"] is not None:
            # Kinds that there are not match nothing.
            items = items.filter(kind__in=[_KINDS.get(kind, "") for kind in query["item_types"]])
        order = "created_at" if query["order"] == "createdAt" else "name"
        metadata = _metadata(query)
        page = page_of(
            items,
            query,
            order=f"-{order}" if query["desc"] else order,
            search=query["search"],
            render=ItemRendering(self.request._request, sign=query["sign_urls"], metadata=metadata),
            fitting=fitting if metadata is Metadata.WHOLE else len,
        )
        return Response(page)


class FolderItemsView(_ItemListView):
    """Items of a folder."""

    def get(self, request: Request, folder_id: UUID) -> Response:
        """List items of the folder, or of all folders below it, too."""
        folder = get_folder(self.actor, folder_id)
        query = self.query(ItemsQuery)
        # Images of groups and sequences are asked for by these.
        whole = Item.objects.filter(parent=None)
        # In one folder alone, an index has the order.
        if query["is_recursive"] and Folder.objects.filter(parent=folder).exists():
            return self.page(whole.filter(folder__in=Folder.objects.below(folder)), query)
        return self.page(whole.filter(folder=folder), query)


class ItemSearchView(_ItemListView):
    """Items wherever they lie."""

    def get(self, request: Request) -> Response:
        """Find items that the caller sees."""
        visible = Item.objects.visible_to(self.actor).filter(parent=None)
        return self.page(visible, self.query(ItemsQuery))


def _metadata(query: dict[str, Any]) -> Metadata:
    if query["client_metadata_as_signed_url"]:
        return Metadata.BY_ADDRESS
    return Metadata.WHOLE if query["include_client_metadata"] else Metadata.OMITTED
