"""Bringing single files in, and changing items; imports of many are in folders.services.imports."""

from collections.abc import Mapping
from io import SEEK_END
from typing import IO
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from core.errors import Conflict, FieldError, InvalidInput, NotFound
from core.models import Job
from core.services import audit
from folders.choices import FolderRole, ItemKind, ItemState, UnitKind
from folders.constants import BATCH_SIZE
from folders.kinds import kind_for_mime
from folders.media.sniff import SNIFF_BYTES, sniff
from folders.metadata.parse import filterable
from folders.models import Folder, Item, Unit
from folders.names import clean_name
from folders.permissions import require_role
from folders.services.locks import share_tree
from folders.services.processing import is_stranded, request_processing
from folders.services.reservations import reserved
from folders.storage import original_key, save_original


def upload_item(*, actor: Actor, folder: Folder, file: IO[bytes], name: str) -> Item:
    """Store a file as a new item, in the state processing, and have a worker read it.

    Nothing of the content is believed or refused here but its first bytes, which tell image from
    video; what cannot be read ends in the state failed, with the reason.

    Raises:
        InvalidInput: the name cannot be used.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    item = new_item(actor=actor, folder=folder, name=clean_name(name), head=read_head(file))
    item.size = file.seek(0, SEEK_END)
    file.seek(0)
    with reserved(actor=actor, item=item):
        item.storage_key = save_original(item.pk, file)
        insert_item(actor, item)
    return item


def new_item(
    *, actor: Actor, folder: Folder, name: str, head: bytes, item_id: UUID | None = None
) -> Item:
    """An unsaved item, its kind told by the first bytes of its file; of a new id unless given."""
    item_id = item_id or uuid4()
    mime = sniff(head)
    # Whatever nobody takes is read as an image, which fails with the reason.
    kind = kind_for_mime(mime)
    return Item(
        id=item_id,
        organisation_id=folder.organisation_id,
        folder=folder,
        kind=kind.name if kind else ItemKind.IMAGE,
        name=name,
        storage_key=original_key(item_id),
        mime_type=mime,
        created_by=actor.user,
    )


def new_unit(item: Item, folder: Folder) -> Unit:
    """The unsaved unit of an item as a whole."""
    return Unit(
        item=item,
        kind=UnitKind(item.kind),
        folder=folder,
        root_id=folder.root_id,
        metadata=filterable(item.client_metadata),
    )


@transaction.atomic
def rename_item(*, actor: Actor, item: Item, name: str) -> Item:
    """Give the item another name.

    Raises:
        InvalidInput: the name cannot be used.
        NotAllowed: the actor may not edit its folder.
    """
    require_role(actor, item.folder, FolderRole.EDITOR)
    item.name = clean_name(name)
    item.save(update_fields=["name", "updated_at"])
    audit.record(actor=actor, action="item.renamed", target=item, data={"name": item.name})
    return item


@transaction.atomic
def rename_items(*, actor: Actor, names: Mapping[UUID, str]) -> None:
    """Give items other names, by id; all or none.

    Raises:
        InvalidInput: naming each name that cannot be used, as `<id>.name`.
        NotAllowed: the actor may not edit each of their folders.
        NotFound: one of them does not exist, or the actor may not see it.
    """
    cleaned: dict[UUID, str] = {}
    errors: list[FieldError] = []
    for item_id, name in names.items():
        try:
            cleaned[item_id] = clean_name(name, path=f"{item_id}.name")
        except InvalidInput as error:
            errors += error.errors
    if errors:
        raise InvalidInput(errors=errors)
    # Before rows are locked, as in all writes.
    share_tree(actor.organisation_id)
    visible = Item.objects.visible_to(actor).filter(pk__in=cleaned)
    if visible.count() < len(cleaned):
        raise NotFound("One of the items does not exist, or you have no access to it.")
    # In the order of ids, so that two that overlap wait for each other and go on.
    rows = Item.objects.filter(pk__in=cleaned).order_by("pk").select_for_update(of=("self",))
    items = list(rows.select_related("folder"))
    for folder in {item.folder for item in items}:
        require_role(actor, folder, FolderRole.EDITOR)
        count = sum(item.folder_id == folder.pk for item in items)
        audit.record(actor=actor, action="items.renamed", target=folder, data={"items": count})
    now = timezone.now()
    for item in items:
        item.name, item.updated_at = cleaned[item.pk], now
    Item.objects.bulk_update(items, ["name", "updated_at"], batch_size=BATCH_SIZE)


@transaction.atomic
def retry_item(*, actor: Actor, item: Item) -> tuple[Item, Job]:
    """Read the media of an item once more that failed, or that nobody is going to read because
    the job of its folder was cancelled or failed.

    Returns:
        The item, which waits, and the job that will read it.

    Raises:
        Conflict: the item is ready, or a worker is about to read it.
        NotAllowed: the actor may not edit its folder.
    """
    require_role(actor, item.folder, FolderRole.EDITOR)
    failed = Item.objects.filter(pk=item.pk, state=ItemState.FAILED)
    again = failed.update(state=ItemState.PROCESSING, failure="") or is_stranded(item)
    if not again:
        raise Conflict("Only an item whose media could not be read can be tried again.")
    # Of a group or sequence, those of its parts that failed.
    parts = Item.objects.filter(parent=item.pk, state=ItemState.FAILED)
    parts.update(state=ItemState.PROCESSING, failure="")
    item.refresh_from_db()
    audit.record(actor=actor, action="item.retried", target=item)
    return item, request_processing(actor=actor, folder=item.folder)


@transaction.atomic
def insert_item(actor: Actor, item: Item) -> None:
    """Save an item whose original is stored, with its unit, and have a worker read it.

    Raises:
        NotFound: its folder has just been deleted.
    """
    share_tree(actor.organisation_id)
    folder = Folder.objects.filter(pk=item.folder_id).first()
    if folder is None:
        raise NotFound("The folder was deleted meanwhile.")
    item.folder = folder
    item.save(force_insert=True)
    new_unit(item, folder).save(force_insert=True)
    audit.record(actor=actor, action="item.uploaded", target=item, data={"name": item.name})
    request_processing(actor=actor, folder=folder)


def read_head(file: IO[bytes]) -> bytes:
    """The first bytes of a file, which is wound back."""
    file.seek(0)
    head = file.read(SNIFF_BYTES)
    file.seek(0)
    return head
