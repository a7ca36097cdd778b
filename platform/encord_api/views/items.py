"""Items as the SDK gets, changes, moves and deletes them."""

from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from core.errors import InvalidInput, NotFound
from encord_api.bundles import ItemPatch, patch_items, read_patches
from encord_api.errors import NotSupported
from encord_api.item_dto import METADATA, ItemRendering, Metadata, metadata_text
from encord_api.naming import WireSerializer, camel
from encord_api.views.base import EncordView
from encord_api.weights import PAGE_NUMBERS, told_numbers
from folders.choices import FolderRole
from folders.kinds import kind_of
from folders.models import Folder, Item
from folders.permissions import get_folder, get_item
from folders.selections import MAX_NAMED_ITEMS
from folders.services.deletion import delete_items
from folders.services.moves import move_items
from folders.signed_addresses import signed_item

# Vectors of some ten thousand images; an answer is one piece, which its caller holds, too.
_BULK_NUMBERS = 4 * PAGE_NUMBERS


class ItemQuery(WireSerializer):
    """How one item is shown."""

    sign_url = serializers.BooleanField(default=False)


class ChildrenQuery(WireSerializer):
    """How parts are shown."""

    sign_urls = serializers.BooleanField(default=False)


class ItemIds(WireSerializer):
    """Items by id."""

    item_uuids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_NAMED_ITEMS)
    sign_urls = serializers.BooleanField(default=False)


class ItemsMove(WireSerializer):
    """Items, and where they go."""

    item_uuids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_NAMED_ITEMS)
    new_parent_uuid = serializers.UUIDField()


class ItemsDelete(WireSerializer):
    """Items that go."""

    child_uuids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_NAMED_ITEMS)
    remove_unused_frames = serializers.BooleanField(default=True)


class ItemView(EncordView):
    """One item."""

    def get(self, request: Request, item_id: UUID) -> Response:
        """Look at an item, its vectors and frames included."""
        item = get_item(self.actor, item_id)
        render = ItemRendering(request._request, sign=self.query(ItemQuery)["sign_url"])
        return Response(render.one(item))


class ItemMetadataView(EncordView):
    """The metadata of one item at an address of its own, which a token may open."""

    _signed: Item | None = None

    def check_permissions(self, request: Request) -> None:
        """Let in whoever has a signed address; ask all others who they are."""
        self._signed = signed_item(request._request, self.kwargs["item_id"], METADATA)
        if self._signed is None:
            super().check_permissions(request)

    def get(self, request: Request, item_id: UUID) -> HttpResponse:
        """The metadata object."""
        item = self._signed or get_item(self.actor, item_id)
        return HttpResponse(metadata_text(item), content_type="application/json")


class ItemsBulkView(EncordView):
    """Several items by id."""

    reads_by_post = True

    def post(self, request: Request) -> Response:
        """The items in the order in which they were asked for."""
        given = self.payload(ItemIds)
        items = _visible(self.actor, given["item_uuids"])
        if sum(told_numbers(items)) > _BULK_NUMBERS:
            raise InvalidInput("Their vectors are too many for one answer. Ask for fewer items.")
        render = ItemRendering(request._request, sign=given["sign_urls"])
        return Response({"results": render(items)})


class FolderItemView(EncordView):
    """One item in its folder."""

    def patch(self, request: Request, folder_id: UUID, item_id: UUID) -> Response:
        """Change the item; metadata replaces the object, a vector goes only by null."""
        get_item_of(self.actor, folder_id, item_id, FolderRole.EDITOR)
        patch = ItemPatch.read(item_id, self.body.json(), "")
        patch_items(actor=self.actor, patches=[patch])
        item = get_item(self.actor, item_id)
        return Response(ItemRendering(request._request).one(item))


class ChildItemsView(EncordView):
    """Images of a group or sequence."""

    def get(self, request: Request, folder_id: UUID, item_id: UUID) -> Response:
        """List them in the order of their frames."""
        item = get_item_of(self.actor, folder_id, item_id)
        sign = self.query(ChildrenQuery)["sign_urls"]
        parts = list(Item.objects.filter(parent=item).order_by("position"))
        return Response({"results": ItemRendering(request._request, sign=sign)(parts)})


class ItemSummaryView(EncordView):
    """Where an item is used."""

    def get(self, request: Request, folder_id: UUID, item_id: UUID) -> Response:
        """The group or sequence that it is a part of, if any."""
        item = get_item_of(self.actor, folder_id, item_id)
        whole = item.parent
        groups = []
        if whole is not None:
            groups.append(
                {
                    "uuid": whole.pk,
                    "name": whole.name,
                    "parentUuid": item.folder_id,
                    "parentName": item.folder.name,
                    "itemType": camel(whole.kind),
                }
            )
        return Response(
            {
                "frameInGroups": len(groups),
                # Whoever sees a part sees its whole, which lies in the same folder.
                "accessibleGroupItems": groups,
                "usedInDatasets": 0,
                "accessibleDatasets": [],
                "groupLayout": None,
            }
        )


class ItemsDeleteView(EncordView):
    """The end of items."""

    def post(self, request: Request, folder_id: UUID) -> Response:
        """Delete items of the folder with all that is theirs."""
        folder = get_folder(self.actor, folder_id, FolderRole.EDITOR)
        given = self.payload(ItemsDelete)
        ids = given["child_uuids"]
        items = _inside(folder, ids)
        if not given["remove_unused_frames"] and any(kind_of(item).has_parts for item in items):
            message = "The images of a group or sequence go with it; none can be left behind."
            raise NotSupported(message)
        removed = delete_items(actor=self.actor, item_ids=ids)
        return Response({"removedItemsCount": removed, "removedFoldersCount": 0})


class ItemsMoveView(EncordView):
    """Another folder for items."""

    def post(self, request: Request, folder_id: UUID) -> Response:
        """Move items of the folder into another one."""
        folder = get_folder(self.actor, folder_id, FolderRole.EDITOR)
        given = self.payload(ItemsMove)
        _inside(folder, given["item_uuids"])
        target = get_folder(self.actor, given["new_parent_uuid"], FolderRole.EDITOR)
        move_items(actor=self.actor, item_ids=given["item_uuids"], folder=target)
        return Response({})


class ItemsPatchView(EncordView):
    """Changes of many items: what a bundle of the SDK sends."""

    def patch(self, request: Request) -> Response:
        """Change items, all or none.

        The answer leaves vectors out: it would be as large as the bundle.
        """
        with transaction.atomic():
            patches = read_patches(self.actor, self.body.file)
            patch_items(actor=self.actor, patches=patches)
            items = _visible(self.actor, [patch.item_id for patch in patches])
        render = ItemRendering(request._request, metadata=Metadata.WITHOUT_VECTORS)
        return Response({"results": render(items)})


def get_item_of(
    actor: Actor, folder_id: UUID, item_id: UUID, role: FolderRole = FolderRole.VIEWER
) -> Item:
    """The item, if it lies in the folder and the actor holds the role there.

    Raises:
        NotFound: it does not, or the actor may not see it.
        NotAllowed: the actor sees it but holds a weaker role.
    """
    item = get_item(actor, item_id, role)
    if item.folder_id != folder_id:
        raise NotFound("There is no such item, or you have no access to it.")
    return item


def _visible(actor: Actor, ids: list[UUID]) -> list[Item]:
    """The items in this order.

    Raises:
        NotFound: one of them does not exist, or the actor may not see it.
    """
    found = Item.objects.visible_to(actor).in_bulk(ids)
    if len(found) < len(set(ids)):
        raise NotFound("One of the items does not exist, or you have no access to it.")
    return [found[item_id] for item_id in ids]


def _inside(folder: Folder, ids: list[UUID]) -> list[Item]:
    """The items, if each lies in the folder."""
    found = list(Item.objects.filter(folder=folder, pk__in=ids))
    if len(found) < len(set(ids)):
        raise NotFound("One of the items is not in this folder, or does not exist.")
    return found
