"""Items over REST."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted
from core.api.fields import ObjectField
from core.api.views import APIView, ListAPIView
from folders.addresses import item_thumbnail_url
from folders.api.paging import KeysetPagination
from folders.choices import FolderRole, ItemState
from folders.models import Item
from folders.permissions import get_folder, get_item
from folders.reading import full_metadata
from folders.services.deletion import delete_items
from folders.services.imports import (
    ItemRecord,
    MetadataChange,
    import_items,
    parse_document,
    update_metadata,
)
from folders.services.items import rename_item, retry_item, upload_item


class ItemSerializer(serializers.ModelSerializer[Item]):
    """An item."""

    thumbnail = serializers.SerializerMethodField(help_text="Empty until the item is ready.")
    original = serializers.SerializerMethodField()

    class Meta:
        model = Item
        fields = [
            "id",
            "folder",
            "kind",
            "name",
            "mime_type",
            "size",
            "width",
            "height",
            "fps",
            "duration",
            "frame_count",
            "state",
            "failure",
            "thumbnail",
            "original",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_thumbnail(self, item: Item) -> str:
        """Address of the small thumbnail."""
        path = item_thumbnail_url(item)
        request = self.context.get("request")
        return str(request.build_absolute_uri(path)) if request and path else path

    def get_original(self, item: Item) -> str:
        """Address of the original."""
        return reverse("item-original", args=[item.pk], request=self.context.get("request"))


class ItemDetailSerializer(ItemSerializer):
    """An item with its metadata."""

    metadata = serializers.SerializerMethodField(
        help_text="As it was given; vectors and frames with `?vectors=true` only."
    )

    class Meta(ItemSerializer.Meta):
        fields = [*ItemSerializer.Meta.fields, "metadata"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_metadata(self, item: Item) -> dict[str, Any]:
        """The metadata object."""
        return full_metadata([item], vectors=self.context.get("vectors", False))[item.pk]


class AcceptedItemSerializer(ItemDetailSerializer, AcceptedSerializer):
    """An item that a worker is to read."""

    class Meta(ItemDetailSerializer.Meta):
        fields = [*ItemDetailSerializer.Meta.fields, "job_url"]
        read_only_fields = fields


class ItemUploadSerializer(serializers.Serializer[Any]):
    """A file, and what is said about it."""

    file = serializers.FileField(allow_empty_file=True)
    name = serializers.CharField(required=False, help_text="The file's name unless told.")
    metadata = serializers.CharField(required=False, help_text="One JSON object, as text.")


class ItemChangeSerializer(serializers.Serializer[Any]):
    """What changes; absent parts stay."""

    name = serializers.CharField(required=False)
    metadata = ObjectField(
        required=False,
        help_text="Replaces the object; a vector goes only when its key is set to null.",
    )
    merge = serializers.BooleanField(
        required=False, default=False, help_text="Lay the metadata over what is there."
    )


class ItemListView(ListAPIView[Item]):
    """Items of one folder, and a way in."""

    serializer_class = ItemSerializer
    parser_classes = [MultiPartParser]
    pagination_class = KeysetPagination
    keyset_orders = ("-created_at", "created_at", "name", "-name")
    searches_names = True

    def get_queryset(self) -> QuerySet[Item]:
        """Items of the folder itself in the state that was asked for."""
        folder = get_folder(actor_of(self.request), self.kwargs["folder_id"])
        found = Item.objects.filter(folder=folder, parent=None)
        state = self.request.query_params.get("state", "")
        return found.filter(state=state) if state in ItemState.values else found

    @extend_schema(
        operation_id="items_list",
        tags=["Items"],
        parameters=[
            OpenApiParameter(
                "search",
                str,
                description="A part of the name, in any case of letters. A page may then be short "
                "or empty although there is a next one.",
            ),
            OpenApiParameter(
                "state", str, enum=ItemState.values, description="Only items in this state."
            ),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the items of a folder."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="items_upload",
        tags=["Items"],
        request={"multipart/form-data": ItemUploadSerializer},
        responses={201: ItemSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Upload an image or a video; a worker reads it."""
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        given = ItemUploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        name = given.validated_data.get("name") or file.name
        if "metadata" in given.validated_data:
            metadata = parse_document(given.validated_data["metadata"].encode())
            record = ItemRecord(name=name, content=file, metadata=metadata)
            item = import_items(actor=actor, folder=folder, records=[record]).items[0]
        else:
            item = upload_item(actor=actor, folder=folder, file=file, name=name)
        data = ItemSerializer(item, context={"request": request}).data
        return Response(data, status=status.HTTP_201_CREATED)


class ItemView(APIView):
    """One item."""

    @extend_schema(
        operation_id="items_get",
        tags=["Items"],
        parameters=[OpenApiParameter("vectors", bool, description="Vectors and frames, too.")],
        responses=ItemDetailSerializer,
    )
    def get(self, request: Request, item_id: UUID) -> Response:
        """Look at an item and its metadata."""
        vectors = request.query_params.get("vectors", "").lower() in ("true", "1")
        return _detail(request, get_item(actor_of(request), item_id), vectors=vectors)

    @extend_schema(
        operation_id="items_update",
        tags=["Items"],
        request=ItemChangeSerializer,
        responses=ItemDetailSerializer,
    )
    def patch(self, request: Request, item_id: UUID) -> Response:
        """Rename an item, or change its metadata and vectors."""
        actor = actor_of(request)
        item = get_item(actor, item_id, FolderRole.EDITOR)
        given = ItemChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if "metadata" in given.validated_data:
            change = MetadataChange(item.pk, given.validated_data["metadata"], path="item")
            merge = given.validated_data["merge"]
            update_metadata(actor=actor, changes=[change], merge=merge)
            item.refresh_from_db()
        if "name" in given.validated_data:
            rename_item(actor=actor, item=item, name=given.validated_data["name"])
        return _detail(request, item, vectors=False)

    @extend_schema(operation_id="items_delete", tags=["Items"], responses={204: None})
    def delete(self, request: Request, item_id: UUID) -> Response:
        """Delete an item with its metadata, vectors and files."""
        actor = actor_of(request)
        item = get_item(actor, item_id, FolderRole.EDITOR)
        delete_items(actor=actor, item_ids=[item.pk])
        return Response(status=status.HTTP_204_NO_CONTENT)


class ItemRetryView(APIView):
    """A second attempt."""

    @extend_schema(
        operation_id="items_retry",
        tags=["Items"],
        request=None,
        responses={202: AcceptedItemSerializer},
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        """Read a failed item's media once more."""
        actor = actor_of(request)
        item = get_item(actor, item_id, FolderRole.EDITOR)
        item, job = retry_item(actor=actor, item=item)
        return accepted(request, job.pk, _detail(request, item, vectors=False).data)


def _detail(request: Request, item: Item, *, vectors: bool) -> Response:
    context = {"request": request, "vectors": vectors}
    return Response(ItemDetailSerializer(item, context=context).data)
