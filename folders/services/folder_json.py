"""JSON that callers keep with a folder: its metadata, and settings of the Encord SDK."""

import json
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from core.services import audit
from folders.choices import FolderRole
from folders.constants import MAX_FOLDER_JSON_BYTES
from folders.models import Folder
from folders.permissions import require_role


@transaction.atomic
def set_folder_metadata(*, actor: Actor, folder: Folder, metadata: Any) -> Folder:
    """Replace the folder's metadata, one JSON object.

    Raises:
        InvalidInput: it is no object, too large, or holds what cannot be stored.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    folder.client_metadata = _storable(metadata, "clientMetadata")
    folder.save(update_fields=["client_metadata", "updated_at"])
    audit.record(actor=actor, action="folder.metadata_updated", target=folder)
    return folder


@transaction.atomic
def set_folder_config(*, actor: Actor, folder: Folder, config: Any) -> Folder:
    """Replace the settings of the SDK, one JSON object.

    Raises:
        InvalidInput: it is no object, too large, or holds what cannot be stored.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    folder.sdk_config = _storable(config, "config")
    folder.save(update_fields=["sdk_config", "updated_at"])
    audit.record(actor=actor, action="folder.configured", target=folder)
    return folder


def _storable(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(errors=[FieldError(path, "This is one JSON object.", "type")])
    try:
        text = json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(errors=[FieldError(path, "Numbers must be finite.")]) from error
    if len(text) > MAX_FOLDER_JSON_BYTES:
        message = f"What is kept with a folder has up to {MAX_FOLDER_JSON_BYTES >> 10} KB."
        raise InvalidInput(errors=[FieldError(path, message, "size")])
    if "\\u0000" in text:
        raise InvalidInput(errors=[FieldError(path, "A text holds a NUL character.")])
    return value
