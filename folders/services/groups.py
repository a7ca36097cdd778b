"""Making one group or sequence of images that exist."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput, NotFound
from core.services import audit
from folders.choices import FolderRole, ItemKind, ItemState, UnitKind
from folders.constants import BATCH_SIZE, MAX_REPORTED_ERRORS
from folders.kinds import get_kind
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import SEQUENCE_FPS
from folders.models import Folder, Item
from folders.names import clean_name
from folders.permissions import require_role
from folders.services.imports import MetadataChange, update_metadata
from folders.services.locks import share_tree
from folders.services.wholes import sampled_frames, settle_wholes, whole_unit

# Of an image that becomes frame n of a sequence, the unit becomes that frame's: its id stays, and
# with it vectors, metadata and memberships.
_BECOME_FRAMES = """
UPDATE folders_unit AS unit
SET item_id = %s, frame = part.position, timestamp = part.position / %s,
    kind = %s, is_key_frame = unit.metadata <> '{}'
FROM unnest(%s::uuid[], %s::integer[]) AS part (id, position)
WHERE unit.item_id = part.id AND unit.frame IS NULL
"""
_BECOME_PARTS = """
UPDATE folders_item AS item SET parent_id = %s, position = part.position, updated_at = now()
FROM unnest(%s::uuid[], %s::integer[]) AS part (id, position)
WHERE item.id = part.id
"""


@transaction.atomic
def group_items(
    *,
    actor: Actor,
    folder: Folder,
    items: Sequence[Item] | Sequence[UUID],
    kind: ItemKind,
    name: str,
    metadata: dict[str, Any] | None = None,
    item_id: UUID | None = None,
) -> Item:
    """Make ready images of a folder the parts of a new group or sequence, in the order given.

    A group's parts keep their units. Of a sequence's parts each unit becomes that of its frame:
    vectors, metadata and memberships in collections stay where they are.

    Args:
        actor: edits the folder.
        folder: where all the images lie.
        items: images, or their ids.
        kind: image group or image sequence.
        name: of the whole.
        metadata: of the whole, as update_metadata takes it.
        item_id: that the whole gets; any, unless given.

    Raises:
        InvalidInput: naming each image that cannot be a part, and why.
        NotAllowed: the actor may not edit the folder.
        NotFound: the folder was deleted meanwhile.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    share_tree(actor.organisation_id)
    here = Folder.objects.filter(pk=folder.pk).first()
    if here is None:
        raise NotFound("The folder was deleted meanwhile.")
    if not get_kind(kind).has_parts:
        raise InvalidInput(f"A {get_kind(kind).label.lower()} has no parts.", code="kind")
    ids = [item.pk if isinstance(item, Item) else item for item in items]
    _require_parts(actor, here, ids)
    whole = _insert(actor, here, kind, clean_name(name), item_id or uuid4())
    _put_into(whole, ids)
    settle_wholes([whole.pk])
    if metadata:
        change = MetadataChange(whole.pk, metadata, path="metadata")
        update_metadata(actor=actor, changes=[change])
    whole.refresh_from_db()
    _require_few_frames(whole, len(ids))
    data = {"name": whole.name, "kind": kind, "parts": len(ids)}
    audit.record(actor=actor, action="items.grouped", target=whole, data=data)
    return whole


def _require_parts(actor: Actor, folder: Folder, ids: list[UUID]) -> None:
    """Lock the items; raise InvalidInput naming those that cannot become parts."""
    if not ids:
        raise InvalidInput("Choose at least one image.", code="empty")
    # In the order of ids, as imports and deletion lock them.
    rows = Item.objects.visible_to(actor).filter(pk__in=ids).order_by("pk")
    columns = ("folder_id", "kind", "parent_id", "state", "name")
    found = {item.pk: item for item in rows.only(*columns).select_for_update(of=("self",))}
    errors, seen = [], set[UUID]()
    for place, item_id in enumerate(ids):
        message, code = _problem(found.get(item_id), folder, repeated=item_id in seen)
        if message:
            errors.append(FieldError(f"items.{place}", message, code, found=str(item_id)))
        seen.add(item_id)
    if errors:
        what = "One of the images" if len(errors) == 1 else f"{len(errors):,} of the images"
        raise InvalidInput(
            f"{what} cannot be grouped. {errors[0].message}",
            code="not_groupable",
            errors=errors[:MAX_REPORTED_ERRORS],
        )


def _problem(item: Item | None, folder: Folder, *, repeated: bool) -> tuple[str, str]:
    """Why the item cannot become a part, with a code; both empty when it can."""
    if item is None:
        return "There is no such item, or you have no access to it.", "not_found"
    if repeated:
        return f"“{item.name}” is named twice.", "repeated"
    if item.kind != ItemKind.IMAGE:
        label = get_kind(item.kind).label.lower()
        return f"“{item.name}” is a {label}; only images can be parts.", "kind"
    if item.folder_id != folder.pk:
        return f"“{item.name}” lies in another folder.", "folder"
    if item.parent_id is not None:
        return f"“{item.name}” is part of a group or sequence already.", "part"
    if item.state == ItemState.PROCESSING:
        return f"“{item.name}” has not been read yet.", "processing"
    if item.state == ItemState.FAILED:
        return f"“{item.name}” could not be read.", "failed"
    return "", ""


def _insert(actor: Actor, folder: Folder, kind: ItemKind, name: str, item_id: UUID) -> Item:
    whole = Item(
        id=item_id,
        organisation_id=folder.organisation_id,
        folder=folder,
        kind=kind,
        name=name,
        created_by=actor.user,
    )
    whole.save(force_insert=True)
    whole_unit(whole, folder).save(force_insert=True)
    return whole


def _put_into(whole: Item, ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(ids), BATCH_SIZE):
            batch = ids[start : start + BATCH_SIZE]
            positions = list(range(start, start + len(batch)))
            cursor.execute(_BECOME_PARTS, [whole.pk, batch, positions])
            if get_kind(whole.kind).parts_are_frames:
                cursor.execute(
                    _BECOME_FRAMES, [whole.pk, SEQUENCE_FPS, UnitKind.FRAME, batch, positions]
                )


def _require_few_frames(whole: Item, count: int) -> None:
    if get_kind(whole.kind).parts_are_frames:
        try:
            sampled_frames(whole, count)
        except UnreadableMedia as error:
            raise InvalidInput(str(error), code="too_many") from error
