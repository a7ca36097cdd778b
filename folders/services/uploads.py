"""Files that people send, resumable at any byte; folders.tus speaks the protocol.

A file is received part by part. The bytes of a part are stored first; then, by one compare-and-set
of the row's offset, they count. Of two requests that send the same stretch the first counts and the
other is told to look again. Once the last byte is there the parts are made one file and the file
becomes what it was sent for, once, however often that is asked.
"""

from dataclasses import dataclass
from functools import partial
from hmac import compare_digest
from typing import IO
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.actor import Actor
from core.errors import Conflict, DomainError, FieldError, InvalidInput, NotFound
from folders.choices import FolderRole, UploadPurpose
from folders.models import Folder, Item, Upload, UploadPart
from folders.models.upload import MAX_CLIENT_KEY_LENGTH
from folders.names import clean_name
from folders.permissions import require_role
from folders.services.items import insert_item, new_item, read_head
from folders.services.reservations import expiry, reserve
from folders.upload_storage import (
    direct_key,
    join,
    joined_key,
    part_key,
    remove_parts,
    remove_upload_files,
    store,
)


class UploadTooLarge(DomainError):
    """More bytes than are taken, or than were announced."""

    status = 413
    default_code = "upload_too_large"


class UploadGone(DomainError):
    """The upload has expired."""

    status = 410
    default_code = "upload_gone"
    default_message = "The upload has expired. Send the file anew."


class WrongChecksum(DomainError):
    """The bytes are not those that were sent."""

    status = 460
    default_code = "wrong_checksum"
    default_message = "The bytes were damaged on their way. Send them again."


@dataclass(frozen=True, slots=True)
class Checksum:
    """A digest that the next part must have; the algorithm is one of hashlib's."""

    algorithm: str
    digest: bytes


def begin_upload(
    *,
    actor: Actor,
    folder: Folder,
    name: str,
    size: int,
    purpose: UploadPurpose = UploadPurpose.ITEM,
    client_key: str = "",
) -> Upload:
    """Announce a file of so many bytes.

    With a client key, an upload that the actor has begun under the same key is returned as it
    stands: whoever did not hear the answer asks again without making a second one.

    Raises:
        Conflict: the key was used for another file.
        InvalidInput: the name cannot be used, or the size is negative.
        NotAllowed: the actor may not edit the folder.
        UploadTooLarge: files of this size are not taken.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    name = clean_name(name)
    if size < 0:
        wrong = FieldError("size", "A file cannot have less than no bytes.", found=str(size))
        raise InvalidInput(errors=[wrong])
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES >> 20
        raise UploadTooLarge(f"The file has {size >> 20:,} MB; at most {limit:,} MB are taken.")
    item_id = uuid4() if purpose == UploadPurpose.ITEM else None
    make = partial(
        reserve,
        actor=actor,
        folder=folder,
        name=name,
        size=size,
        purpose=purpose,
        item_id=item_id,
        client_key=client_key,
    )
    if not client_key:
        return make()
    if len(client_key) > MAX_CLIENT_KEY_LENGTH:
        wrong = FieldError("key", f"A key has at most {MAX_CLIENT_KEY_LENGTH} characters.")
        raise InvalidInput(wrong.message, errors=[wrong])
    try:
        with transaction.atomic():
            return make()
    except IntegrityError:
        upload = Upload.objects.visible_to(actor).filter(client_key=client_key).first()
    same = (folder.pk, name, size, purpose)
    if upload is None or same != (upload.folder_id, upload.name, upload.size, upload.purpose):
        raise Conflict("The key was used for another file.", code="key_in_use") from None
    return get_upload(actor, folder.pk, upload.pk)


def get_upload(actor: Actor, folder_id: UUID, upload_id: UUID) -> Upload:
    """The actor's own upload into the folder, if he may still edit the folder.

    Raises:
        NotFound: he has begun no such upload there.
        NotAllowed: he may see the folder, but no longer edit it.
        UploadGone: it has expired.
    """
    found = Upload.objects.visible_to(actor).filter(pk=upload_id, folder=folder_id)
    upload = found.exclude(purpose=UploadPurpose.OBJECT).select_related("folder").first()
    if upload is None or upload.folder is None:
        raise NotFound("There is no such upload.")
    require_role(actor, upload.folder, FolderRole.EDITOR)
    if upload.expires_at <= timezone.now():
        raise UploadGone
    return upload


def receive_part(
    *,
    upload: Upload,
    offset: int,
    content: IO[bytes],
    length: int,
    checksum: Checksum | None = None,
) -> Upload:
    """Store the next bytes of a file that `get_upload` or `begin_upload` gave; they count at once.

    Args:
        offset: where the caller believes that the upload stands.
        content: gives at least `length` bytes.

    Raises:
        Conflict: the upload stands elsewhere.
        UploadTooLarge: the file was announced to be smaller.
        WrongChecksum: the bytes are not the ones that were sent.
        BodyTooShort: the content ended early.
    """
    _require_offset(upload, offset)
    if offset + length > upload.size:
        raise UploadTooLarge(
            f"These {length:,} bytes reach beyond the {upload.size:,} that were announced."
        )
    if not length:
        return upload
    # A file in one piece is stored where it can stay.
    is_whole = length == upload.size
    key = direct_key(upload) if is_whole else part_key(upload.pk, offset)
    stored, digest = store(key, content, length, checksum.algorithm if checksum else "")
    try:
        if checksum and not compare_digest(digest, checksum.digest):
            raise WrongChecksum
        _count_part(upload, offset, length, stored, is_whole=is_whole)
    except BaseException:
        default_storage.delete(stored)
        raise
    upload.refresh_from_db()
    return upload


def finish_upload(*, actor: Actor, upload: Upload) -> Upload:
    """Make one file of a complete upload and, if that is its purpose, an item of the file.

    Does nothing while bytes are missing, or when it was done before.

    Raises:
        NotFound: the folder has just been deleted.
        UploadGone: the upload has just expired.
    """
    if not upload.is_complete or upload.finished:
        return upload
    upload = _join_parts(upload)
    if upload.purpose == UploadPurpose.ITEM:
        upload = _make_item(actor, upload)
    return upload


@transaction.atomic
def take_upload(*, actor: Actor, upload_id: UUID) -> Upload:
    """Hand over a complete file that was sent for an import; it is the caller's from now on.

    Call it in the transaction that notes the `storage_key` elsewhere: the upload's row goes.

    Raises:
        NotFound: the actor has sent no such file, or it was taken before.
        Conflict: bytes are missing.
        UploadGone: it has expired.
    """
    _lock(upload_id)
    found = Upload.objects.visible_to(actor).filter(pk=upload_id, purpose=UploadPurpose.IMPORT)
    upload = found.select_related("folder").first()
    if upload is None:
        raise NotFound("There is no such upload, or it was imported already.")
    if upload.expires_at <= timezone.now():
        raise UploadGone
    if not upload.is_complete:
        missing = upload.size - upload.offset
        raise Conflict(f"The file is not complete: {missing:,} bytes are missing.")
    upload = _join_parts(upload)
    Upload.objects.filter(pk=upload.pk).delete()
    return upload


def end_upload(*, upload: Upload) -> None:
    """Forget an upload with all that it stored; an item that came of it stays."""
    # Whoever looks from now on finds it expired, even if this process is killed in between.
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now())
    remove_expired(upload.pk)


@transaction.atomic
def remove_expired(upload_id: UUID) -> bool:
    """Remove an expired upload with its files; False when it is not, or no longer, there."""
    _lock(upload_id)
    expired = Upload.objects.filter(pk=upload_id, expires_at__lte=timezone.now())
    # Its row, too: a registration that has just taken an object over holds no more than that.
    upload = expired.select_for_update(of=("self",)).first()
    if upload is None:
        return False
    remove_upload_files(upload)
    upload.delete()
    return True


def _require_offset(upload: Upload, offset: int) -> None:
    if upload.offset != offset:
        raise Conflict(
            f"The upload stands at byte {upload.offset:,}, not at {offset:,}.", code="wrong_offset"
        )


@transaction.atomic
def _count_part(upload: Upload, offset: int, length: int, stored: str, *, is_whole: bool) -> None:
    """Let stored bytes count, unless others were first."""
    at_offset = Upload.objects.filter(pk=upload.pk, offset=offset, expires_at__gt=timezone.now())
    counted = at_offset.update(
        offset=offset + length, expires_at=expiry(), storage_key=stored if is_whole else ""
    )
    if not counted:
        raise Conflict("Another request has sent the same bytes.", code="wrong_offset")
    if not is_whole:
        UploadPart.objects.create(upload=upload, offset=offset, size=length, storage_key=stored)


@transaction.atomic
def _join_parts(upload: Upload) -> Upload:
    """Make one file of the parts; the row with its storage key."""
    _lock(upload.pk)
    upload = _reload(upload)
    if upload.storage_key:
        return upload
    keys = list(upload.parts.order_by("offset").values_list("storage_key", flat=True))
    upload.storage_key = join(keys, joined_key(upload))
    upload.save(update_fields=["storage_key", "updated_at"])
    if upload.purpose == UploadPurpose.ITEM:
        transaction.on_commit(partial(remove_parts, upload.pk), robust=True)
        return upload
    # One by one: the file that they were joined to lies beside them.
    for key in keys:
        transaction.on_commit(partial(default_storage.delete, key), robust=True)
    return upload


@transaction.atomic
def _make_item(actor: Actor, upload: Upload) -> Upload:
    """Make the item of a joined upload."""
    _lock(upload.pk)
    upload = _reload(upload)
    if upload.finished:
        return upload
    if upload.folder is None or upload.item_id is None:
        raise NotFound("The folder was deleted meanwhile.")
    require_role(actor, upload.folder, FolderRole.EDITOR)
    with default_storage.open(upload.storage_key, "rb") as file:
        item = new_item(actor=actor, folder=upload.folder, name=upload.name, head=read_head(file))
    item.pk, item.storage_key, item.size = upload.item_id, upload.storage_key, upload.size
    # Before the row is touched: whoever deletes the folder holds the tree and comes to the row.
    insert_item(actor, item)
    Upload.objects.filter(pk=upload.pk).update(finished=True)
    upload.finished = True
    return upload


def item_of(upload: Upload) -> Item | None:
    """The item that came of an upload; None before it is finished, or when it was deleted."""
    if not upload.finished or upload.item_id is None:
        return None
    return Item.objects.filter(pk=upload.item_id).first()


def _reload(upload: Upload) -> Upload:
    """The row as it is under the lock."""
    found = Upload.objects.select_related("folder").filter(pk=upload.pk).first()
    if found is None:
        raise UploadGone
    return found


def _lock(upload_id: UUID) -> None:
    """Hold an upload until the end of the transaction.

    Not its row: joining a large file takes long, and whoever deletes the folder would wait for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"folders.upload:{upload_id}"]
        )
