"""What the filter rail and the menu *Add filter* offer for a root folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from accounts.actor import Actor
from collections_app.models import Collection
from explorer.constants import MAX_LISTED
from folders.choices import KeyType, UnitKind
from folders.models import Folder, MetadataKey


class Section(StrEnum):
    """Headings of the rail, in its order."""

    EMBEDDINGS = "Custom Embeddings"
    METADATA = "Metadata"
    DATA = "Data"
    COLLECTIONS = "Collections"


class ControlKind(StrEnum):
    """How a field is filtered."""

    HAS = "has"  # any, true, false
    CHECKS = "checks"  # any of some values
    RANGE = "range"  # two ends
    DATES = "dates"  # two days
    TEXT = "text"  # contains
    EXACT = "exact"  # equals


@dataclass(frozen=True, slots=True)
class Option:
    """One value of check boxes; `depth` indents folders, `colour` is that of a collection."""

    value: str
    label: str
    depth: int = 0
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the rail."""

    field: str
    label: str
    kind: ControlKind
    section: Section
    options: tuple[Option, ...] = ()
    key: MetadataKey | None = None

    @property
    def is_boolean(self) -> bool:
        """Whether its values are true and false."""
        return self.key is not None and self.key.type == KeyType.BOOLEAN

    @property
    def anchor(self) -> str:
        """Its id in the page; field names may hold any character, ids no spaces."""
        return "field-" + "".join(c if c.isalnum() else f"-{ord(c):x}-" for c in self.field)


_KINDS = {
    KeyType.NUMBER: ControlKind.RANGE,
    KeyType.BOOLEAN: ControlKind.CHECKS,
    KeyType.VARCHAR: ControlKind.TEXT,
    KeyType.TEXT: ControlKind.TEXT,
    KeyType.DATETIME: ControlKind.DATES,
    KeyType.UUID: ControlKind.EXACT,
    KeyType.ENUM: ControlKind.CHECKS,
}


def controls_for(actor: Actor, root: Folder) -> list[Control]:
    """Every control of the root's rail, by section; three queries."""
    keys = list(MetadataKey.objects.visible_to(actor).live().order_by("created_at", "pk"))
    embeddings = [key for key in keys if key.type == KeyType.EMBEDDING]
    metadata = [key for key in keys if key.type in _KINDS]
    return [
        *map(_embedding, embeddings),
        *map(_metadata, metadata),
        *_data(actor, root),
        *_collections(actor, root),
    ]


def by_field(controls: Iterable[Control]) -> dict[str, Control]:
    """The controls by their field."""
    return {control.field: control for control in controls}


def _embedding(key: MetadataKey) -> Control:
    return Control(f"embedding.{key.name}", key.name, ControlKind.HAS, Section.EMBEDDINGS, key=key)


def _metadata(key: MetadataKey) -> Control:
    options: tuple[Option, ...] = ()
    if key.type == KeyType.ENUM:
        options = tuple(Option(value, value) for value in key.values)
    elif key.type == KeyType.BOOLEAN:
        options = (Option("true", "True"), Option("false", "False"))
    kind = _KINDS[KeyType(key.type)]
    return Control(f"metadata.{key.name}", key.name, kind, Section.METADATA, options, key)


def _data(actor: Actor, root: Folder) -> list[Control]:
    kinds = tuple(Option(kind.value, kind.label.capitalize()) for kind in UnitKind)
    folders = Folder.objects.visible_to(actor).filter(root=root).order_by("path")[:MAX_LISTED]
    options = _tree(list(folders))
    data = [
        Control("kind", "Kind", ControlKind.CHECKS, Section.DATA, kinds),
        Control("name", "Name", ControlKind.TEXT, Section.DATA),
    ]
    if len(options) > 1:
        data.append(Control("folder", "Folder", ControlKind.CHECKS, Section.DATA, options))
    return data


def _tree(folders: list[Folder]) -> tuple[Option, ...]:
    """Folders in the order of the tree, siblings by name, indented below the topmost shown."""
    shown = {folder.pk: folder for folder in folders}
    top = min((folder.depth for folder in folders), default=0)
    names = {
        folder.pk: tuple((shown[a].name.casefold(), a.hex) for a in _line(folder, shown))
        for folder in folders
    }
    ordered = sorted(folders, key=lambda folder: names[folder.pk])
    return tuple(Option(str(f.pk), f.name, depth=f.depth - top) for f in ordered)


def _line(folder: Folder, shown: dict[UUID, Folder]) -> list[UUID]:
    """Ids from the topmost shown folder down to this one."""
    line: list[UUID] = []
    at: Folder | None = folder
    while at is not None:
        line.insert(0, at.pk)
        at = shown.get(at.parent_id) if at.parent_id else None
    return line


def _collections(actor: Actor, root: Folder) -> list[Control]:
    found = Collection.objects.visible_to(actor).filter(root=root).order_by("name", "pk")
    options = tuple(Option(str(one.pk), one.name, colour=one.colour) for one in found[:MAX_LISTED])
    if not options:
        return []
    return [Control("collection", "Collection", ControlKind.CHECKS, Section.COLLECTIONS, options)]
