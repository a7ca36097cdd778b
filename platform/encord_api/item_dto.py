"""Items as the SDK reads them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse

from encord_api.addresses import absolute, signed_url
from encord_api.naming import camel
from encord_api.weights import told_numbers
from folders.choices import ItemState
from folders.models import Item
from folders.reading import full_metadata
from folders.signed_addresses import PARAMETER, sign_item
from integrations.choices import Provider

METADATA = "metadata"
# The SDK knows these names alone; our own storage is to it what Encord's is.
_OURS = "encord"
_LOCATIONS = {
    Provider.S3: "s3Compatible",
    Provider.HTTPS: "directAccess",
    Provider.DIRECTORY: "directAccess",
}
_ABSENT = {
    "dicomInstanceUid": None,
    "dicomStudyUid": None,
    "dicomSeriesUid": None,
    "audioSampleRate": None,
    "audioBitDepth": None,
    "audioCodec": None,
    "audioNumChannels": None,
}


class Metadata(Enum):
    """What is said of an item's metadata."""

    WHOLE = "whole"
    WITHOUT_VECTORS = "without vectors"
    BY_ADDRESS = "by address"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True)
class ItemRendering:
    """How items are shown: to whom, with signed addresses or without, with which metadata."""

    request: HttpRequest
    sign: bool = False
    metadata: Metadata = Metadata.WHOLE

    def __call__(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        """The items in their order."""
        prefetch_related_objects(items, "created_by", "integration")
        texts = _metadata_texts(items, self.metadata)
        shown = [self._dto(item, text) for item, text in zip(items, texts, strict=True)]
        if self.metadata is Metadata.BY_ADDRESS:
            for item, dto in zip(items, shown, strict=True):
                dto["clientMetadataSignedUrl"] = absolute(self.request, _metadata_path(item))
        return shown

    def one(self, item: Item) -> dict[str, Any]:
        """A single item."""
        return self([item])[0]

    def _dto(self, item: Item, metadata: str) -> dict[str, Any]:
        return {
            "uuid": item.pk,
            "parent": item.folder_id,
            "itemType": camel(item.kind),
            "name": item.name,
            "description": "",
            "clientMetadata": metadata,
            "owner": item.created_by.email if item.created_by else "",
            "createdAt": item.created_at,
            "lastEditedAt": item.updated_at,
            "isTombstone": False,
            "isPlaceholder": item.state == ItemState.PROCESSING,
            "backedDataUnitsCount": 0,
            "storageLocation": _location(item),
            "integrationHash": item.integration_id,
            "url": item.object_url or None,
            "signedUrl": signed_url(self.request, item) if self.sign else None,
            "fileSize": item.size,
            "mimeType": item.mime_type or None,
            "duration": item.duration,
            "fps": item.fps,
            "height": item.height,
            "width": item.width,
            "frameCount": item.frame_count,
            **_ABSENT,
        }


def metadata_text(item: Item) -> str:
    """All metadata of an item as the JSON text that the SDK parses."""
    return _metadata_texts([item], Metadata.WHOLE)[0]


def _metadata_texts(items: Sequence[Item], wanted: Metadata) -> list[str]:
    if wanted in (Metadata.OMITTED, Metadata.BY_ADDRESS):
        return [""] * len(items)
    numbers = told_numbers(items) if wanted is Metadata.WHOLE else [0] * len(items)
    whole = [item for item, number in zip(items, numbers, strict=True) if number]
    bare = [item for item, number in zip(items, numbers, strict=True) if not number]
    found = full_metadata(whole) | full_metadata(bare, vectors=False)
    return [json.dumps(found[item.pk], ensure_ascii=False) for item in items]


def _metadata_path(item: Item) -> str:
    token = sign_item(item.pk, METADATA)
    return f"{reverse('encord-item-metadata', args=[item.pk])}?{PARAMETER}={token}"


def _location(item: Item) -> str:
    if item.storage_key or item.integration is None:
        return _OURS
    if item.integration.provider == Provider.S3 and not item.integration.settings.get("endpoint"):
        return "s3"
    return _LOCATIONS.get(Provider(item.integration.provider), "directAccess")
