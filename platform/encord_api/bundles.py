"""Changes of items, one or a bundle of thousands.

A bundle is read member by member from where the request's body lies, and each vector becomes
float32 before the next member is read: memory holds the vectors once, at an eighth of what JSON's
lists take, and one member. All is then checked, and written in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, Self
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput, NotFound
from encord_api.errors import NotSupported
from folders.imports.json_stream import read_entries
from folders.metadata.frames import objects_of
from folders.metadata.values import compact_vectors
from folders.models import Item, MetadataKey
from folders.selections import MAX_NAMED_ITEMS
from folders.services.imports import MetadataChange, update_metadata
from folders.services.items import rename_items

_BUNDLE = "itemPatches"
# Of kinds of items that there are not.
_UNSUPPORTED = ("timeseriesSettings", "sceneViewSettings", "sceneLayout")


@dataclass(frozen=True, slots=True)
class ItemPatch:
    """What changes of one item; None stays. `path` is its place in the request."""

    item_id: UUID
    path: str
    name: str | None = None
    metadata: dict[str, Any] | None = None

    @classmethod
    def read(cls, item_id: UUID, given: Any, path: str) -> Self:
        """A patch as the SDK sends it. Descriptions, which items do not have, are passed over.

        Raises:
            InvalidInput: it is none.
            NotSupported: it is one of a kind of item that there is not.
        """
        inside = f"{path}." if path else ""
        if not isinstance(given, dict):
            raise InvalidInput(errors=[FieldError(path, "A patch is an object.", "type")])
        if any(given.get(name) is not None for name in _UNSUPPORTED):
            raise NotSupported
        name, metadata = given.get("name"), given.get("clientMetadata")
        if name is not None and not isinstance(name, str):
            raise InvalidInput(errors=[FieldError(f"{inside}name", "A name is a text.", "type")])
        if metadata is not None and not isinstance(metadata, dict):
            message = "Metadata is one JSON object."
            raise InvalidInput(errors=[FieldError(f"{inside}clientMetadata", message, "type")])
        return cls(item_id, path, name, metadata)


def read_patches(actor: Actor, file: IO[bytes]) -> list[ItemPatch]:
    """The patches of a bundle, in their order.

    Raises:
        InvalidInput: it is no bundle; the first thing that is wrong is named.
    """
    live = MetadataKey.objects.visible_to(actor).live().embeddings()
    keys = list(live.values_list("name", flat=True))
    patches: dict[UUID, ItemPatch] = {}
    file.seek(0)
    for entry in read_entries(file, objects=[_BUNDLE]):
        if entry.key != _BUNDLE:
            continue
        patch = ItemPatch.read(_id(entry.member), entry.value, entry.path)
        for values in objects_of(patch.metadata):
            compact_vectors(values, keys)
        # Of one item that is named twice, the last holds, as in any JSON object.
        patches[patch.item_id] = patch
        if len(patches) > MAX_NAMED_ITEMS:
            message = f"A bundle has up to {MAX_NAMED_ITEMS:,} items."
            raise InvalidInput(message, code="too_many")
    return list(patches.values())


@transaction.atomic
def patch_items(*, actor: Actor, patches: Sequence[ItemPatch]) -> None:
    """Carry out the patches, all or none.

    Raises:
        InvalidInput: naming all that is wrong.
        NotAllowed: the actor sees all the items, but may not edit each of them.
        NotFound: one of them does not exist, or the actor may not see it.
    """
    ids = [patch.item_id for patch in patches]
    if Item.objects.visible_to(actor).filter(pk__in=ids).count() < len(ids):
        raise NotFound("One of the items does not exist, or you have no access to it.")
    names = {patch.item_id: patch.name for patch in patches if patch.name is not None}
    if names:
        rename_items(actor=actor, names=names)
    changes = [
        MetadataChange(
            patch.item_id,
            patch.metadata,
            path=patch.path or "item",
            metadata_path=f"{patch.path}.clientMetadata" if patch.path else "clientMetadata",
        )
        for patch in patches
        if patch.metadata is not None
    ]
    if changes:
        update_metadata(actor=actor, changes=changes)


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError as error:
        wrong = FieldError(f"{_BUNDLE}.{str(text)[:80]}", "This is no id.", "type", "a UUID")
        raise InvalidInput(errors=[wrong]) from error
