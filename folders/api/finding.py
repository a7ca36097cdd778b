"""Finding folders and items by name over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.views import APIView
from folders.api.folders import FolderSerializer
from folders.api.items import ItemSerializer
from folders.finding import find_by_name


class FoundByNameSerializer(serializers.Serializer[Any]):
    """The first that were found."""

    folders = FolderSerializer(many=True)
    items = ItemSerializer(many=True)
    more_folders = serializers.BooleanField()
    more_items = serializers.BooleanField()


class FindView(APIView):
    """Everything that the caller sees."""

    @extend_schema(
        operation_id="find",
        tags=["Folders"],
        parameters=[
            OpenApiParameter("search", str, required=True, description="A text of the name.")
        ],
        responses=FoundByNameSerializer,
    )
    def get(self, request: Request) -> Response:
        """Find folders with the text in their names, and items whose names begin with it."""
        text = request.query_params.get("search", "").strip().replace("\x00", "")
        found = find_by_name(actor_of(request), text)
        return Response(FoundByNameSerializer(found, context={"request": request}).data)
