"""Units of an item over REST."""

from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.fields import ObjectField
from core.api.views import ListAPIView
from folders.addresses import unit_thumbnail_url
from folders.api.paging import KeysetPagination
from folders.models import Unit
from folders.permissions import get_item


class UnitSerializer(serializers.ModelSerializer[Unit]):
    """An item as a whole (frame is null), or one indexed frame of it."""

    metadata = ObjectField(read_only=True, help_text="As filters see it.")
    thumbnail = serializers.SerializerMethodField(help_text="Empty until the item is ready.")

    class Meta:
        model = Unit
        fields = [
            "id",
            "item",
            "kind",
            "frame",
            "timestamp",
            "is_key_frame",
            "metadata",
            "thumbnail",
        ]
        read_only_fields = fields

    def get_thumbnail(self, unit: Unit) -> str:
        """Address of the small thumbnail."""
        path = unit_thumbnail_url(unit)
        request = self.context.get("request")
        return str(request.build_absolute_uri(path)) if request and path else path


class ItemUnitListView(ListAPIView[Unit]):
    """Units of one item: itself first, then its frames."""

    serializer_class = UnitSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("place", "-place")

    def get_queryset(self) -> QuerySet[Unit]:
        """The item's units with their places in it."""
        item = get_item(actor_of(self.request), self.kwargs["item_id"])
        # A whole item has no frame number, and a null cannot be paged by.
        place = Coalesce(F("frame"), -1)
        return Unit.objects.filter(item=item).select_related("item").annotate(place=place)

    @extend_schema(operation_id="items_units_list", tags=["Items"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the units of an item."""
        return super().get(request, *args, **kwargs)
