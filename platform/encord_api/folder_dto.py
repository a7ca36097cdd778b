"""Folders as the SDK reads them."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from accounts.actor import Actor
from folders.choices import FolderRole
from folders.models import Folder
from folders.querysets import granted_paths


def folder_dtos(actor: Actor, folders: Sequence[Folder]) -> list[dict[str, Any]]:
    """Folders that the actor sees; of those above them, the paths name what he sees, too."""
    prefetch_related_objects(folders, "created_by")
    administered = [""] if actor.is_organisation_admin else granted_paths(actor, FolderRole.ADMIN)
    above = _above(actor, folders)
    return [_dto(folder, administered, above) for folder in folders]


def folder_dto(actor: Actor, folder: Folder) -> dict[str, Any]:
    """One folder that the actor sees."""
    return folder_dtos(actor, [folder])[0]


def _dto(folder: Folder, administered: list[str], above: dict[UUID, Folder]) -> dict[str, Any]:
    is_admin = any(folder.path.startswith(path) for path in administered)
    metadata = folder.client_metadata
    return {
        "uuid": folder.pk,
        "parent": folder.parent_id,
        "name": folder.name,
        "description": folder.description,
        "clientMetadata": None if metadata is None else json.dumps(metadata),
        "owner": folder.created_by.email if folder.created_by else "",
        "createdAt": folder.created_at,
        "lastEditedAt": folder.updated_at,
        "userRole": "admin" if is_admin else "user",
        "syncedDatasetHash": None,
        "pathToRoot": [_element(above[id_]) for id_ in reversed(_ids(folder)) if id_ in above],
        "folderType": "generic",
        "integrationHash": None,
        "remoteUrl": None,
    }


def _element(folder: Folder) -> dict[str, Any]:
    return {
        "uuid": folder.pk,
        "parentUuid": folder.parent_id,
        "name": folder.name,
        "syncedDatasetHash": None,
    }


def _above(actor: Actor, folders: Sequence[Folder]) -> dict[UUID, Folder]:
    """The folders and those above them that the actor sees, by id."""
    ids = {id_ for folder in folders for id_ in _ids(folder)}
    return Folder.objects.visible_to(actor).in_bulk(ids)


def _ids(folder: Folder) -> list[UUID]:
    """From the root down to the folder itself."""
    return [UUID(part) for part in folder.path.strip("/").split("/")]
