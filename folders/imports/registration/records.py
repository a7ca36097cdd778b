"""Makes records of raw entries: both spellings of the format, and its limits."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

from core.errors import FieldError
from folders.choices import ItemKind
from folders.constants import MAX_NAME_LENGTH
from folders.imports.registration.fields import Fields
from folders.imports.registration.measures import image_measures, video_measures
from folders.imports.registration.raw import LISTS, RawEntry
from folders.services.imports import ItemRecord, UploadedFile
from folders.services.object_uploads import is_object_address, uploaded_id
from integrations.models import Integration

# As in the reference product.
MAX_URL_BYTES = 16 * 1024
# What the format also holds and nothing here depends on.
_PASSED_OVER = {
    "externalFileType",
    "external_file_type",
    "videoUrlPrefix",
    "video_url_prefix",
    "clusterByResolution",
    "cluster_by_resolution",
    "framesSubfolderName",
    "description",
}
_MAX_IGNORED = 1000
# An address whose path stands for itself: most do, and a parser takes several times as long.
_PLAIN_URL = re.compile(r"[a-z0-9]+://[A-Za-z0-9.:-]*(/[A-Za-z0-9._/-]+)")
_PART = re.compile(r"objectUrl_(\d{1,7})|object_url_(\d{1,7})")


@dataclass(frozen=True, slots=True)
class Grouping:
    """A group or sequence to be made of images that are in the folder already."""

    name: str
    kind: ItemKind
    item_ids: tuple[UUID, ...]
    metadata: dict[str, Any]
    path: str
    # That the whole gets.
    item_id: UUID


@dataclass(slots=True)
class RecordMaker:
    """Makes records; `errors` gathers what is wrong, `ignored` counts fields that nobody knows, and
    `given_ids` holds ids that entries give, each with its place.

    Attributes:
        import_id: from it and the place in the file the items' ids are derived, so that a batch is
            known again that was written before a crash.
        integration: through which the objects are read.
        problem_of: why an address cannot be read through the integration; "" when it can.
        uploads: asked once, the uploaded objects that may be named, by their ids.
    """

    import_id: UUID
    integration: Integration
    problem_of: Callable[[str], str]
    uploads: Callable[[], Mapping[UUID, UploadedFile]] = dict
    errors: list[FieldError] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    given_ids: list[tuple[UUID, str]] = field(default_factory=list)
    _uploads: Mapping[UUID, UploadedFile] | None = field(default=None, init=False)

    def make(self, raw: RawEntry) -> ItemRecord | Grouping | None:
        """The record of an entry; None for what is none."""
        if raw.list_name not in LISTS:
            message = f"“{raw.list_name[:80]}” is not supported."
            self.errors.append(FieldError(raw.path, message, "unsupported", ", ".join(LISTS)))
            return None
        if raw.place is None:
            self.errors.append(FieldError(raw.path, "This is no list.", "type", "a list"))
            return None
        if not isinstance(raw.value, dict):
            self.errors.append(FieldError(raw.path, "This is no object.", "type", "an object"))
            return None
        fields = Fields(raw.value, raw.path, self.errors)
        kind = LISTS[raw.list_name]
        made: ItemRecord | Grouping | None
        if kind is None:
            made = self._grouping(fields, raw)
        elif kind == ItemKind.IMAGE_GROUP:
            made = self._whole(fields, raw)
        else:
            made = self._single(fields, raw, kind)
        # A file with a name of its own in each entry must not fill the memory.
        if len(self.ignored) < _MAX_IGNORED:
            self.ignored.update(fields.left_over() - _PASSED_OVER)
        return made

    def derived_id(self, number: int, position: int | None = None) -> UUID:
        """The id of the item that an entry, or one of its parts, becomes."""
        return derived_id(self.import_id, number, position)

    def _single(self, fields: Fields, raw: RawEntry, kind: ItemKind) -> ItemRecord:
        path, url = self._address(fields, "objectUrl", "object_url", "url")
        measures = video_measures(fields) if kind == ItemKind.VIDEO else image_measures(fields)
        metadata_path, metadata = fields.get("clientMetadata", "client_metadata")
        uploaded = self._uploaded(url, path)
        return ItemRecord(
            name=self._title(fields, url, path),
            metadata={} if metadata is None else metadata,
            kind=kind,
            object_url=url,
            uploaded=uploaded,
            integration=self.integration,
            measures=measures,
            item_id=self._given_id(fields, uploaded) or self.derived_id(raw.number),
            path=raw.path,
            metadata_path=metadata_path,
        )

    def _whole(self, fields: Fields, raw: RawEntry) -> ItemRecord | None:
        kind = ItemKind.IMAGE_GROUP
        if fields.flag("createVideo", "create_video"):
            kind = ItemKind.IMAGE_SEQUENCE
        parts = self._parts(fields, raw)
        if not parts:
            return None
        metadata_path, metadata = fields.get("clientMetadata", "client_metadata")
        title = _clean(fields.text("title", "name")) or parts[0].name
        return ItemRecord(
            name=title,
            metadata={} if metadata is None else metadata,
            kind=kind,
            parts=tuple(
                part
                if part.item_id
                else replace(part, item_id=self.derived_id(raw.number, position))
                for position, part in enumerate(parts)
            ),
            item_id=self._placeholder(fields) or self.derived_id(raw.number),
            path=raw.path,
            metadata_path=metadata_path,
        )

    def _parts(self, fields: Fields, raw: RawEntry) -> list[ItemRecord]:
        """The images of a group: `objectUrl_0…`, or a list of objects with `url`."""
        path, listed = fields.get("images")
        numbered = sorted(
            (int(found[1] or found[2]), name)
            for name in raw.value
            if (found := _PART.fullmatch(name))
        )
        if listed is not None and not isinstance(listed, list):
            fields.fail(path, "This is no list.", "type", "a list", listed)
            listed = None
        if not numbered and not listed:
            fields.fail(f"{raw.path}.objectUrl_0", "The group names no images.", "required")
            return []
        # Positions count from 0; files that count from 1 mean the same.
        begin = 1 if numbered and numbered[0][0] == 1 else 0
        for place, (number, name) in enumerate(numbered, begin):
            if number != place:
                missing = f"{raw.path}.objectUrl_{place}"
                fields.fail(missing, "The positions have a gap here.", "required", found=name)
                break
        parts = [self._part(fields, name) for _, name in numbered]
        return parts + [
            self._listed_part(part, f"{path}.{place}") for place, part in enumerate(listed or ())
        ]

    def _part(self, fields: Fields, name: str) -> ItemRecord:
        path, url = self._address(fields, name)
        uploaded = self._uploaded(url, path)
        if uploaded is not None:
            self.given_ids.append((uploaded.upload_id, path))
        return ItemRecord(
            name=default_name(url),
            kind=ItemKind.IMAGE,
            object_url=url,
            uploaded=uploaded,
            integration=self.integration,
            item_id=uploaded.upload_id if uploaded else None,
            path=path,
        )

    def _listed_part(self, value: Any, path: str) -> ItemRecord:
        if not isinstance(value, dict):
            self.errors.append(FieldError(path, "This is no object.", "type", "an object"))
            value = {}
        fields = Fields(value, path, self.errors)
        url_path, url = self._address(fields, "url", "objectUrl", "object_url")
        uploaded = self._uploaded(url, url_path)
        return ItemRecord(
            name=self._title(fields, url, url_path),
            kind=ItemKind.IMAGE,
            object_url=url,
            uploaded=uploaded,
            integration=self.integration,
            measures=image_measures(fields),
            item_id=self._given_id(fields, uploaded),
            path=path,
        )

    def _grouping(self, fields: Fields, raw: RawEntry) -> Grouping:
        path, listed = fields.get("imageItems", "image_items")
        ids: list[UUID] = []
        if not isinstance(listed, list) or not listed:
            fields.fail(path, "The ids of images are missing.", "required", "a list of UUIDs")
            listed = []
        for place, value in enumerate(listed):
            try:
                ids.append(UUID(value))
            except (ValueError, AttributeError, TypeError):
                fields.fail(f"{path}.{place}", "This is no id.", "type", "a UUID", value)
        is_sequence = fields.flag("createVideo", "create_video")
        metadata_path, metadata = fields.get("clientMetadata", "client_metadata")
        if metadata is not None and not isinstance(metadata, dict):
            fields.fail(
                metadata_path, "Metadata is one JSON object.", "type", "an object", metadata
            )
            metadata = None
        return Grouping(
            name=_clean(fields.text("title", "name")) or "Group",
            kind=ItemKind.IMAGE_SEQUENCE if is_sequence else ItemKind.IMAGE_GROUP,
            item_ids=tuple(ids),
            metadata=metadata or {},
            path=fields.path,
            item_id=self.derived_id(raw.number),
        )

    def _address(self, fields: Fields, *names: str) -> tuple[str, str]:
        """Place and address of an object; the address is empty after an error."""
        path, url = fields.get(*names)
        if url is None or url == "":
            fields.fail(path, "The address of the object is missing.", "required", "an address")
        elif not isinstance(url, str):
            fields.fail(path, "This is no address.", "type", "an address", url)
        elif is_object_address(url):
            return path, url
        elif problem := _problem(url) or self.problem_of(url):
            fields.fail(path, problem, "address", found=url)
        else:
            return path, url
        return path, ""

    def _title(self, fields: Fields, url: str, path: str) -> str:
        title = _clean(fields.text("title", "name"))
        if title or not url:
            # After an error of the address, another one of the name would not help.
            return title or path[-MAX_NAME_LENGTH:]
        return default_name(url)

    def _uploaded(self, url: str, path: str) -> UploadedFile | None:
        """What was sent under the address; None for one that leads elsewhere.

        Where it is not, or no longer, there, an error is noted.
        """
        if not is_object_address(url):
            return None
        if self._uploads is None:
            self._uploads = self.uploads()
        upload_id = uploaded_id(url)
        found = self._uploads.get(upload_id) if upload_id else None
        if found is None:
            message = "You have uploaded no such file to this folder, or it was registered already."
            self.errors.append(FieldError(path, message, "not_uploaded", found=url[:80]))
        return found or (UploadedFile(upload_id) if upload_id else None)

    def _given_id(self, fields: Fields, uploaded: UploadedFile | None) -> UUID | None:
        """The id that the entry gives to its item, itself or by what was uploaded for it."""
        given = self._placeholder(fields)
        if uploaded is None:
            return given
        if given is None:
            self.given_ids.append((uploaded.upload_id, fields.path))
        elif given != uploaded.upload_id:
            path, _ = fields.get("placeholderItemUuid", "placeholder_item_uuid")
            message = "This is not the id that the file was uploaded under."
            fields.fail(path, message, "value", str(uploaded.upload_id), str(given))
        return uploaded.upload_id

    def _placeholder(self, fields: Fields) -> UUID | None:
        path, value = fields.get("placeholderItemUuid", "placeholder_item_uuid")
        if value is None:
            return None
        try:
            given = UUID(value)
        except (ValueError, AttributeError, TypeError):
            fields.fail(path, "This is no id.", "type", "a UUID", value)
            return None
        self.given_ids.append((given, path))
        return given


def derived_id(import_id: UUID, number: int, position: int | None = None) -> UUID:
    """The id of what an import makes of an entry, or of one of its parts, unless it is given."""
    return uuid5(import_id, str(number) if position is None else f"{number}.{position}")


def default_name(url: str) -> str:
    """Path and name of an object, as `/path/to/video23.mp4`; the name alone where that is long."""
    plain = _PLAIN_URL.fullmatch(url)
    if plain is not None:
        path = plain[1]
    else:
        try:
            path = _clean(unquote(urlsplit(url).path) or url)
        except ValueError:
            path = _clean(url)
    return path if len(path) <= MAX_NAME_LENGTH else path.rpartition("/")[2]


def _problem(url: str) -> str:
    """Why a text cannot be an address."""
    try:
        length = len(url.encode())
    except UnicodeEncodeError:
        return "The address holds characters that do not exist."
    if length > MAX_URL_BYTES:
        return f"The address has {length:,} bytes; {MAX_URL_BYTES:,} is the limit."
    if "\x00" in url:
        return "The address holds a NUL character."
    return ""


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
