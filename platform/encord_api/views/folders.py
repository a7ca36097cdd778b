"""Folders as the SDK creates, finds, changes, moves and deletes them."""

import json
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from encord_api.errors import NotSupported
from encord_api.folder_dto import folder_dto, folder_dtos
from encord_api.naming import WireSerializer, camel
from encord_api.paging import PageQuery, page_of
from encord_api.views.base import EncordView
from folders.choices import FolderRole, UnitKind
from folders.counts import units_by_kind
from folders.models import Folder, Import, Item
from folders.permissions import get_folder
from folders.services.deletion import delete_folder
from folders.services.folder_json import set_folder_metadata
from folders.services.folders import create_folder, rename_folder
from folders.services.moves import move_folder
from folders.tree import topmost

_MAX_BULK = 1000


class NewFolder(WireSerializer):
    """A folder to be made."""

    name = serializers.CharField(trim_whitespace=False)
    description = serializers.CharField(default="", allow_blank=True, allow_null=True)
    # Fields of REST framework carry an attribute of this name; it is the wire's name all the same.
    parent = serializers.UUIDField(default=None, allow_null=True)  # type: ignore[assignment]
    client_metadata = serializers.CharField(default=None, allow_null=True)
    cloud_synced_folder_params = serializers.JSONField(default=None)


class FolderPatch(WireSerializer):
    """What changes of a folder; absent parts stay."""

    name = serializers.CharField(required=False, trim_whitespace=False)
    description = serializers.CharField(required=False, allow_blank=True)
    client_metadata = serializers.DictField(required=False)


class FolderMove(WireSerializer):
    """Which folders go where; without a parent they become root folders."""

    folder_uuids = serializers.ListField(child=serializers.UUIDField(), max_length=_MAX_BULK)
    new_parent_uuid = serializers.UUIDField(default=None, allow_null=True)


class FolderQuery(PageQuery):
    """Which folders are listed."""

    search = serializers.CharField(default="", allow_blank=True)
    is_recursive = serializers.BooleanField(default=False)
    dataset_synced = serializers.BooleanField(default=False)
    organisation_tag_names_allof = serializers.ListField(child=serializers.CharField(), default=[])
    order = serializers.ChoiceField(choices=["name", "createdAt"], default="name")
    desc = serializers.BooleanField(default=False)


class FoldersView(EncordView):
    """The topmost folders."""

    def get(self, request: Request) -> Response:
        """List the topmost folders that the caller sees, as the page of files does."""
        return self.page(topmost(self.actor))

    def post(self, request: Request) -> Response:
        """Make a folder; whoever makes a root folder administers it."""
        given = self.payload(NewFolder)
        if given["cloud_synced_folder_params"] is not None:
            raise NotSupported("There are no folders that follow a bucket.")
        parent = given["parent"]
        with transaction.atomic():
            folder = create_folder(
                actor=self.actor,
                name=given["name"],
                description=given["description"] or "",
                parent=get_folder(self.actor, parent, FolderRole.EDITOR) if parent else None,
            )
            if given["client_metadata"] is not None:
                metadata = _from_text(given["client_metadata"])
                set_folder_metadata(actor=self.actor, folder=folder, metadata=metadata)
        return Response(folder_dto(self.actor, folder))

    def page(self, folders: QuerySet[Folder]) -> Response:
        """The page of the folders that the address asks for."""
        query = self.query(FolderQuery)
        if query["dataset_synced"] or query["organisation_tag_names_allof"]:
            # There are neither datasets nor tags here.
            folders = folders.none()
        order = "created_at" if query["order"] == "createdAt" else "name"
        page = page_of(
            folders,
            query,
            order=f"-{order}" if query["desc"] else order,
            search=query["search"],
            render=lambda rows: folder_dtos(self.actor, rows),
        )
        return Response(page)


class FolderSearchView(FoldersView):
    """Folders at any depth."""

    http_method_names = ["get"]

    def get(self, request: Request) -> Response:
        """Find folders, whatever `isRecursive` says: the address means it."""
        return self.page(Folder.objects.visible_to(self.actor))


class SubfoldersView(FoldersView):
    """Folders below a folder."""

    http_method_names = ["get"]

    def get(self, request: Request, folder_id: UUID) -> Response:  # type: ignore[override]
        """List those directly in it, or find those at any depth."""
        folder = get_folder(self.actor, folder_id)
        if self.query(FolderQuery)["is_recursive"]:
            return self.page(Folder.objects.below(folder).exclude(pk=folder.pk))
        return self.page(Folder.objects.filter(parent=folder))


class FolderView(EncordView):
    """One folder."""

    def get(self, request: Request, folder_id: UUID) -> Response:
        """Look at a folder."""
        return Response(folder_dto(self.actor, get_folder(self.actor, folder_id)))

    def patch(self, request: Request, folder_id: UUID) -> Response:
        """Change a folder."""
        folder = get_folder(self.actor, folder_id, FolderRole.EDITOR)
        patched = _patch(self.actor, folder, self.payload(FolderPatch))
        return Response(folder_dto(self.actor, patched))

    def delete(self, request: Request, folder_id: UUID) -> Response:
        """Delete a folder with all that it holds; it is gone at once."""
        delete_folder(actor=self.actor, folder=get_folder(self.actor, folder_id, FolderRole.ADMIN))
        return Response({})


class FoldersPatchView(EncordView):
    """Changes of many folders."""

    def patch(self, request: Request) -> Response:
        """Change folders, all or none."""
        patches = _patches(self.body.json())
        with transaction.atomic():
            changed = []
            # In the order of ids, so that two bundles that overlap wait for each other and go on.
            for folder_id, patch in sorted(patches.items()):
                folder = get_folder(self.actor, folder_id, FolderRole.EDITOR)
                changed.append(_patch(self.actor, folder, patch))
        return Response({"results": folder_dtos(self.actor, changed)})


class FoldersMoveView(EncordView):
    """Other places for folders."""

    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Move folders with all that they hold, all or none."""
        given = self.payload(FolderMove)
        parent_id = given["new_parent_uuid"]
        parent = get_folder(self.actor, parent_id, FolderRole.EDITOR) if parent_id else None
        for folder_id in given["folder_uuids"]:
            folder = get_folder(self.actor, folder_id, FolderRole.ADMIN)
            move_folder(actor=self.actor, folder=folder, parent=parent)
        return Response({})


class FolderSummaryView(EncordView):
    """What a folder holds."""

    def get(self, request: Request, folder_id: UUID) -> Response:
        """Count the folder and all below it."""
        below = Folder.objects.below(get_folder(self.actor, folder_id))
        kinds = units_by_kind(below)
        files = kinds.get(UnitKind.IMAGE, 0) + kinds.get(UnitKind.VIDEO, 0)
        size = Item.objects.filter(folder__in=below).aggregate(Sum("size"))["size__sum"]
        absent = ("dicom_files", "dicom_series", "niftis", "audios", "pdfs", "plain_texts")
        return Response(
            {
                "files": files,
                "folders": below.count() - 1,
                "videos": kinds.get(UnitKind.VIDEO, 0),
                "images": kinds.get(UnitKind.IMAGE, 0),
                "imageGroups": kinds.get(UnitKind.IMAGE_GROUP, 0),
                "imageSequences": kinds.get(UnitKind.IMAGE_SEQUENCE, 0),
                **{camel(name): 0 for name in absent},
                "tombstones": 0,
                "uploadJobs": Import.objects.filter(folder__in=below).count(),
                "totalSize": float(size or 0),
            }
        )


class OrganisationTagsView(EncordView):
    """Tags of folders."""

    def get(self, request: Request) -> Response:
        """None: folders carry no tags here."""
        return Response({"results": []})


def _patch(actor: Actor, folder: Folder, given: dict[str, Any]) -> Folder:
    with transaction.atomic():
        if "name" in given or "description" in given:
            named = {name: given[name] for name in ("name", "description") if name in given}
            folder = rename_folder(actor=actor, folder=folder, **named)
        if "client_metadata" in given:
            metadata = given["client_metadata"]
            folder = set_folder_metadata(actor=actor, folder=folder, metadata=metadata)
    return folder


def _patches(body: Any) -> dict[UUID, dict[str, Any]]:
    """The patches by folder, checked."""
    given = body.get("folderPatches") if isinstance(body, dict) else None
    if not isinstance(given, dict) or len(given) > _MAX_BULK:
        message = f"An object of up to {_MAX_BULK} patches by folder is missing."
        raise InvalidInput(errors=[FieldError("folderPatches", message, "required")])
    patches = {}
    errors: list[FieldError] = []
    for name, one in given.items():
        patch = FolderPatch(data=one)
        if not patch.is_valid():
            errors.append(FieldError(f"folderPatches.{name}", "This is no patch of a folder."))
            continue
        try:
            patches[UUID(name)] = patch.validated_data
        except ValueError:
            errors.append(FieldError(f"folderPatches.{name}", "This is no id."))
    if errors:
        raise InvalidInput(errors=errors)
    return patches


def _from_text(text: str) -> Any:
    """The JSON in a text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        wrong = FieldError("clientMetadata", "This text is no JSON.", "not_json")
        raise InvalidInput(errors=[wrong]) from error
