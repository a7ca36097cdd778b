"""Changes of many items of a folder over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted
from core.api.views import APIView
from core.errors import FieldError, InvalidInput
from folders import hooks
from folders.choices import FolderRole
from folders.permissions import get_folder
from folders.selections import MAX_NAMED_ITEMS, Selection
from folders.services.bulk import Changed, delete_selection, edit_selection, move_selection


class SelectionSerializer(serializers.Serializer[Any]):
    """Items of the folder: those named, or with `all` each that matches."""

    items = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_NAMED_ITEMS
    )
    all = serializers.BooleanField(
        required=False, default=False, help_text="All items of the folder that match."
    )
    search = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="A part of the name; with `all`."
    )
    state = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="As in the list; with `all`."
    )


class ItemsMoveSerializer(SelectionSerializer):
    """Items, and where they go."""

    to = serializers.UUIDField(help_text="Id of the folder.")


class ItemsEditSerializer(SelectionSerializer):
    """Items, and what is laid over their metadata."""

    metadata = serializers.DictField(
        child=serializers.JSONField(allow_null=True), help_text="null clears a value."
    )


class ChangedSerializer(serializers.Serializer[Any]):
    """What was done, or what a job was asked to do."""

    items = serializers.IntegerField()
    job = serializers.UUIDField(allow_null=True, help_text="Does the rest; null: all is done.")
    left_collections = serializers.IntegerField(
        help_text="Memberships in collections of the old root folder that ended."
    )
    left_maps = serializers.IntegerField(help_text="Points taken off maps of the old root folder.")


class AcceptedChangeSerializer(ChangedSerializer, AcceptedSerializer):
    """What a job was asked to do."""


class _SelectionView(APIView):
    """One change of a selection."""

    given: dict[str, Any]

    def _selection(
        self, request: Request, folder_id: UUID, serializer: type[SelectionSerializer]
    ) -> tuple[Actor, Selection]:
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        given = serializer(data=request.data)
        given.is_valid(raise_exception=True)
        self.given = given.validated_data
        if self.given["all"] == ("items" in self.given):
            message = "Name items, or say `all`, but not both."
            raise InvalidInput(message, errors=[FieldError("items", message, "required")])
        named = tuple(self.given["items"]) if "items" in self.given else None
        search, state = self.given["search"].replace("\x00", ""), self.given["state"]
        return actor, Selection(folder, named, search, state)


class ItemsDeleteView(_SelectionView):
    """The end of several items."""

    @extend_schema(
        operation_id="items_delete_many",
        tags=["Items"],
        request=SelectionSerializer,
        responses={200: ChangedSerializer, 202: AcceptedChangeSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Delete items of a folder; many of them by a job."""
        actor, selection = self._selection(request, folder_id, SelectionSerializer)
        return _answer(request, delete_selection(actor=actor, selection=selection))


class ItemsMoveView(_SelectionView):
    """Another folder for several items."""

    @extend_schema(
        operation_id="items_move_many",
        tags=["Items"],
        request=ItemsMoveSerializer,
        responses={200: ChangedSerializer, 202: AcceptedChangeSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Move items of a folder into another one; many of them by a job."""
        actor, selection = self._selection(request, folder_id, ItemsMoveSerializer)
        target = get_folder(actor, self.given["to"], FolderRole.EDITOR)
        return _answer(request, move_selection(actor=actor, selection=selection, folder=target))


class ItemsEditView(_SelectionView):
    """The metadata of several items."""

    @extend_schema(
        operation_id="items_edit_many",
        tags=["Items"],
        request=ItemsEditSerializer,
        responses={200: ChangedSerializer, 202: AcceptedChangeSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Lay values over the metadata of items of a folder; of many by a job."""
        actor, selection = self._selection(request, folder_id, ItemsEditSerializer)
        metadata = self.given["metadata"]
        return _answer(request, edit_selection(actor=actor, selection=selection, metadata=metadata))


def _answer(request: Request, changed: Changed) -> Response:
    data = {
        "items": changed.items,
        "job": str(changed.job.pk) if changed.job else None,
        "left_collections": changed.effects[hooks.MEMBERS_LEFT],
        "left_maps": changed.effects[hooks.POINTS_LEFT],
    }
    return accepted(request, changed.job.pk, data) if changed.job else Response(data)
