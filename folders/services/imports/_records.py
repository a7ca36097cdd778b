"""What is to become items, whatever it came from: a page, REST, a registration, a command."""

from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

from folders.choices import ItemKind
from integrations.models import Integration


@dataclass(frozen=True, slots=True)
class Measures:
    """Measures that are given and believed: nothing is fetched. fps and duration are a video's."""

    mime_type: str
    size: int
    width: int
    height: int
    fps: float | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was uploaded before; what is known of it while nobody else can take it over."""

    upload_id: UUID
    storage_key: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One item to be: its name, where its file is, its metadata as one JSON object.

    Attributes:
        name: as people will see it.
        content: the file itself, unless it lies at `object_url` or the item consists of `parts`.
        metadata: with vectors and frames, unchecked.
        kind: told by the file unless given.
        object_url: address of a cloud object, or of an uploaded one.
        uploaded: the file at that address, when it was uploaded to us; the item has its id.
        integration: through which that is read.
        measures: given ones.
        parts: images of a group or sequence, in their order.
        item_id: the id that the item gets; any, unless given.
        path: where the record stands in the input, for errors; `items.<place>` unless given.
        metadata_path: where its metadata stands; `<path>.metadata` unless given.
    """

    name: str
    content: bytes | IO[bytes] | None = None
    metadata: Any = field(default_factory=dict)
    kind: ItemKind | None = None
    object_url: str = ""
    uploaded: UploadedFile | None = None
    integration: Integration | None = None
    measures: Measures | None = None
    parts: tuple["ItemRecord", ...] = ()
    item_id: UUID | None = None
    path: str = ""
    metadata_path: str = ""

    @property
    def uploads(self) -> list[UUID]:
        """Ids of all uploads that it names."""
        return [one.uploaded.upload_id for one in (self, *self.parts) if one.uploaded]

    @property
    def object_urls(self) -> list[str]:
        """All addresses that it names."""
        own = [self.object_url] if self.object_url else []
        return own + [part.object_url for part in self.parts if part.object_url]
