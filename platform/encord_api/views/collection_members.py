"""Changes of a collection's items: by id, by title, by preset."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from collections_app.matching import Matching
from collections_app.models import Collection
from collections_app.permissions import get_collection, get_preset
from collections_app.services.item_members import add_items, add_items_by_title, remove_items
from collections_app.services.matching import add_matching, remove_matching
from encord_api.naming import WireSerializer
from encord_api.preset_definitions import tree_of
from encord_api.views.base import EncordView
from folders.choices import FolderRole

# As the SDK's own limit of a request.
MAX_TITLES = 1000


class ItemIds(WireSerializer):
    """Items by id."""

    item_uuids = serializers.ListField(child=serializers.UUIDField())


class Titles(WireSerializer):
    """Items by their names."""

    data_titles = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False, allow_blank=True), max_length=MAX_TITLES
    )


class PresetId(WireSerializer):
    """A preset."""

    preset_uuid = serializers.UUIDField()


class _MembersView(EncordView):
    """A change of a collection's items, for its editors."""

    def collection(self, collection_id: UUID) -> Collection:
        """The collection that is changed."""
        return get_collection(self.actor, collection_id, FolderRole.EDITOR)


class AddItemsView(_MembersView):
    """Items that come to a collection."""

    def post(self, request: Request, collection_id: UUID) -> Response:
        """Add them; those that cannot be are told."""
        collection = self.collection(collection_id)
        ids = self.payload(ItemIds)["item_uuids"]
        failed = add_items(actor=self.actor, collection=collection, item_ids=ids)
        return Response({"failedItems": failed})


class RemoveItemsView(_MembersView):
    """Items that leave a collection."""

    def post(self, request: Request, collection_id: UUID) -> Response:
        """Remove them; those that the caller does not see in the folder are told."""
        collection = self.collection(collection_id)
        ids = self.payload(ItemIds)["item_uuids"]
        failed = remove_items(actor=self.actor, collection=collection, item_ids=ids)
        return Response({"failedItems": failed})


class AddTitlesView(_MembersView):
    """Items that come to a collection by their names."""

    def post(self, request: Request, collection_id: UUID) -> Response:
        """Add those that have one of the names alone."""
        collection = self.collection(collection_id)
        titles = self.payload(Titles)["data_titles"]
        done = add_items_by_title(actor=self.actor, collection=collection, titles=titles)
        return Response(
            {
                "requested": done.requested,
                "matchedTitles": done.matched,
                "itemsAdded": done.added,
                "ambiguousTitles": done.ambiguous,
                "unmatchedTitles": done.unmatched,
                "failedItems": [],
            }
        )


class AddPresetView(_MembersView):
    """What a preset finds, into a collection."""

    def post(self, request: Request, collection_id: UUID) -> Response:
        """Add it, at once or by a worker; the SDK asks for the items until they are there."""
        collection = self.collection(collection_id)
        matching = _matching(self, collection)
        add_matching(actor=self.actor, collection=collection, matching=matching)
        return Response({})


class RemovePresetView(_MembersView):
    """What a preset finds, out of a collection."""

    def post(self, request: Request, collection_id: UUID) -> Response:
        """Remove it likewise."""
        collection = self.collection(collection_id)
        matching = _matching(self, collection)
        remove_matching(actor=self.actor, collection=collection, matching=matching)
        return Response({})


def _matching(view: EncordView, collection: Collection) -> Matching:
    preset = get_preset(view.actor, view.payload(PresetId)["preset_uuid"])
    return Matching(filter=tree_of(preset, collection.root_id))
