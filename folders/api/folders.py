"""Folders over REST."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted
from core.api.views import APIView, ListAPIView
from core.errors import FieldError, InvalidInput
from folders.api.paging import KeysetPagination
from folders.choices import FolderRole
from folders.counts import FolderContents, folder_contents
from folders.models import Folder
from folders.permissions import get_folder
from folders.services import folders as services
from folders.services.deletion import delete_folder
from folders.services.moves import job_of_move, move_folder


class FolderSerializer(serializers.ModelSerializer[Folder]):
    """A folder."""

    moving = serializers.SerializerMethodField(help_text="Units are still to follow to its root.")

    class Meta:
        model = Folder
        fields = [
            *("id", "parent", "root", "name", "description", "moving"),
            *("created_at", "updated_at"),
        ]
        read_only_fields = fields

    def get_moving(self, folder: Folder) -> bool:
        """Whether units are still to follow it to its root."""
        return folder.moved_from is not None


class FolderInputSerializer(serializers.Serializer[Any]):
    """A new folder."""

    name = serializers.CharField()
    description = serializers.CharField(required=False, allow_blank=True, default="")
    # Fields of REST framework carry an attribute of this name; it is the wire's name all the same.
    parent = serializers.UUIDField(  # type: ignore[assignment]
        required=False, allow_null=True, default=None, help_text="Absent: a root folder."
    )


class FolderChangeSerializer(serializers.Serializer[Any]):
    """What changes; absent parts stay."""

    name = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True)


class FolderMoveSerializer(serializers.Serializer[Any]):
    """Where a folder goes."""

    parent = serializers.UUIDField(  # type: ignore[assignment]
        allow_null=True, help_text="null makes it a root folder."
    )


class MovingSerializer(FolderSerializer, AcceptedSerializer):
    """A folder in its new place whose units are still to follow."""

    class Meta(FolderSerializer.Meta):
        fields = [*FolderSerializer.Meta.fields, "job_url"]
        read_only_fields = fields


class ContentSerializer(serializers.Serializer[Any]):
    """Things of one sort."""

    noun = serializers.CharField(help_text="As `vector`, `map`, `collection`.")
    count = serializers.IntegerField()
    more = serializers.BooleanField(help_text="There are more: the counting stopped here.")
    kept = serializers.BooleanField(help_text="They outlive the folder, but lose units.")


class FolderContentsSerializer(serializers.Serializer[Any]):
    """What a folder holds, subfolders included."""

    folders = serializers.IntegerField(source="folders.number")
    more_folders = serializers.BooleanField(source="folders.more")
    items = serializers.IntegerField()
    frames = serializers.IntegerField()
    units = serializers.IntegerField()
    kinds = serializers.SerializerMethodField(help_text="Items by kind.")
    others = ContentSerializer(many=True)

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_kinds(self, contents: FolderContents) -> dict[str, int]:
        """Items by kind."""
        return dict(contents.kinds)


class RemovalSerializer(AcceptedSerializer):
    """The job that removes what a deleted folder held."""

    job = serializers.UUIDField()


class FolderListView(ListAPIView[Folder]):
    """Folders that the caller sees."""

    serializer_class = FolderSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("name", "-name", "created_at", "-created_at")
    searches_names = True

    def get_queryset(self) -> QuerySet[Folder]:
        """Visible folders, below one parent, roots only, or all."""
        found = Folder.objects.visible_to(actor_of(self.request))
        parent = self.request.query_params.get("parent")
        if parent == "null":
            return found.roots()
        if not parent:
            return found
        try:
            return found.filter(parent=UUID(parent))
        except ValueError as error:
            wrong = FieldError("parent", "This is no id.", "type", "a UUID or null", parent[:80])
            raise InvalidInput(errors=[wrong]) from error

    @extend_schema(
        operation_id="folders_list",
        tags=["Folders"],
        parameters=[
            OpenApiParameter("parent", str, description="Id of the parent, or null for roots."),
            OpenApiParameter("search", str, description="A part of the name."),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List folders."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="folders_create",
        tags=["Folders"],
        request=FolderInputSerializer,
        responses={201: FolderSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a folder; whoever creates a root folder administers it."""
        actor = actor_of(request)
        given = FolderInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        parent_id = given.validated_data["parent"]
        folder = services.create_folder(
            actor=actor,
            name=given.validated_data["name"],
            description=given.validated_data["description"],
            parent=get_folder(actor, parent_id, FolderRole.EDITOR) if parent_id else None,
        )
        return Response(FolderSerializer(folder).data, status=status.HTTP_201_CREATED)


class FolderView(APIView):
    """One folder."""

    @extend_schema(operation_id="folders_get", tags=["Folders"], responses=FolderSerializer)
    def get(self, request: Request, folder_id: UUID) -> Response:
        """Look at a folder."""
        return Response(FolderSerializer(get_folder(actor_of(request), folder_id)).data)

    @extend_schema(
        operation_id="folders_update",
        tags=["Folders"],
        request=FolderChangeSerializer,
        responses=FolderSerializer,
    )
    def patch(self, request: Request, folder_id: UUID) -> Response:
        """Rename or describe a folder."""
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        given = FolderChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        folder = services.rename_folder(actor=actor, folder=folder, **given.validated_data)
        return Response(FolderSerializer(folder).data)

    @extend_schema(
        operation_id="folders_delete",
        tags=["Folders"],
        responses={204: None, 202: RemovalSerializer},
    )
    def delete(self, request: Request, folder_id: UUID) -> Response:
        """Delete a folder with all that it holds.

        It is gone for everybody at once. What a large folder held is removed by a job.
        """
        actor = actor_of(request)
        job = delete_folder(actor=actor, folder=get_folder(actor, folder_id, FolderRole.ADMIN))
        if job is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return accepted(request, job.pk, {"job": str(job.pk)})


class FolderContentsView(APIView):
    """What a folder holds."""

    @extend_schema(
        operation_id="folders_contents", tags=["Folders"], responses=FolderContentsSerializer
    )
    def get(self, request: Request, folder_id: UUID) -> Response:
        """Count what would go with the folder."""
        folder = get_folder(actor_of(request), folder_id)
        return Response(FolderContentsSerializer(folder_contents(folder)).data)


class FolderMoveView(APIView):
    """The place of a folder."""

    @extend_schema(
        operation_id="folders_move",
        tags=["Folders"],
        request=FolderMoveSerializer,
        responses={200: FolderSerializer, 202: MovingSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Move a folder with all that it holds.

        It is in its new place at once. Units of a large folder follow to another root by a job;
        `moving` says so until then.
        """
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.ADMIN)
        given = FolderMoveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        parent_id = given.validated_data["parent"]
        parent = get_folder(actor, parent_id, FolderRole.EDITOR) if parent_id else None
        folder = move_folder(actor=actor, folder=folder, parent=parent)
        data = FolderSerializer(folder).data
        job = job_of_move(folder)
        return accepted(request, job.pk, data) if job else Response(data)
