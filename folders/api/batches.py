"""What goes with many uploaded files, over REST: subfolders by path, sidecars, groups."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.fields import ObjectField
from core.api.views import APIView
from folders.api.items import ItemSerializer
from folders.choices import FolderRole, ItemKind
from folders.permissions import get_folder
from folders.services.folder_paths import MAX_PATHS, ensure_folders
from folders.services.groups import group_items
from folders.services.sidecars import MAX_SIDECARS, Sidecar, apply_sidecars

MAX_PARTS = 100_000


class FolderPathsSerializer(serializers.Serializer[Any]):
    """Paths below a folder."""

    paths = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False),
        max_length=MAX_PATHS,
        help_text="Names joined by slashes, as `2026/October`.",
    )


class FoldersByPathSerializer(serializers.Serializer[Any]):
    """Ids of folders by their paths."""

    folders = serializers.DictField(child=serializers.UUIDField())


class SidecarSerializer(serializers.Serializer[Any]):
    """One file and what it holds."""

    file = serializers.CharField(help_text="Named as `owl.jpg.metadata.json`.")
    metadata = ObjectField()
    item = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Else it is found by the name."
    )


class SidecarsSerializer(serializers.Serializer[Any]):
    """Sidecar files of items in one folder."""

    sidecars = SidecarSerializer(many=True, help_text=f"At most {MAX_SIDECARS}.")


class SidecarErrorSerializer(serializers.Serializer[Any]):
    """Why a file was not applied."""

    path = serializers.CharField(required=False, help_text="The key within the metadata.")
    message = serializers.CharField()
    code = serializers.CharField()
    expected = serializers.CharField(required=False)
    found = serializers.CharField(required=False)


class SidecarOutcomeSerializer(serializers.Serializer[Any]):
    """What became of one file; without errors it was applied."""

    file = serializers.CharField()
    item = serializers.UUIDField(allow_null=True)
    errors = SidecarErrorSerializer(many=True)  # type: ignore[assignment]


class SidecarOutcomesSerializer(serializers.Serializer[Any]):
    """What became of each file."""

    sidecars = SidecarOutcomeSerializer(many=True)


class GroupSerializer(serializers.Serializer[Any]):
    """What is to become one group or sequence."""

    items = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_PARTS, help_text="In order."
    )
    kind = serializers.ChoiceField(choices=[ItemKind.IMAGE_GROUP, ItemKind.IMAGE_SEQUENCE])
    name = serializers.CharField()
    metadata = ObjectField(required=False, help_text="Of the whole; an object.")


class FolderPathsView(APIView):
    """Subfolders by path."""

    @extend_schema(
        operation_id="folders_paths",
        tags=["Folders"],
        request=FolderPathsSerializer,
        responses=FoldersByPathSerializer,
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Find the folders at these paths below a folder; those that do not exist are made."""
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        given = FolderPathsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = ensure_folders(actor=actor, folder=folder, paths=given.validated_data["paths"])
        return Response({"folders": {path: str(one.pk) for path, one in found.items()}})


class FolderSidecarsView(APIView):
    """Metadata from files that lie beside images."""

    @extend_schema(
        operation_id="folders_sidecars",
        tags=["Items"],
        request=SidecarsSerializer,
        responses=SidecarOutcomesSerializer,
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Lay the metadata of sidecar files over that of the items they are named after.

        A wrong file does not keep the others: see the errors of each.
        """
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        given = SidecarsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        sidecars = [Sidecar(**one) for one in given.validated_data["sidecars"]]
        outcomes = apply_sidecars(actor=actor, folder=folder, sidecars=sidecars)
        return Response({"sidecars": [outcome.as_dict() for outcome in outcomes]})


class FolderGroupsView(APIView):
    """New groups and sequences."""

    @extend_schema(
        operation_id="folders_groups_create",
        tags=["Items"],
        request=GroupSerializer,
        responses={201: ItemSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Make ready images of a folder the parts of a new group or sequence, in this order."""
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        given = GroupSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        whole = group_items(
            actor=actor,
            folder=folder,
            items=values["items"],
            kind=ItemKind(values["kind"]),
            name=values["name"],
            metadata=values.get("metadata"),
        )
        data = ItemSerializer(whole, context={"request": request}).data
        return Response(data, status=status.HTTP_201_CREATED)
