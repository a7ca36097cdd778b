"""Objects that are sent to us before a registration names them.

Whoever wants to register files of his own disk asks for addresses first. Each leads to one upload,
whose id is that of the item to be; the file is sent there in one piece and lies where the original
of the item is to lie. The registration names it as `upload://<id>` and takes it over: the upload's
row goes in the transaction that saves the item. What nobody registers expires like other uploads.
"""

from collections.abc import Collection, Mapping
from functools import partial
from typing import IO
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput, NotFound
from folders.choices import FolderRole, UploadPurpose
from folders.models import Folder, Upload
from folders.permissions import require_role
from folders.querysets import UploadQuerySet
from folders.services.imports import UploadedFile
from folders.services.reservations import expiry
from folders.services.uploads import UploadGone, UploadTooLarge
from folders.upload_storage import direct_key, store

# Images of one group or sequence, which are asked for at once.
MAX_OBJECTS = 10_000
_SCHEME = "upload://"


def object_address(upload_id: UUID) -> str:
    """How a registration names the object."""
    return f"{_SCHEME}{upload_id}"


def is_object_address(url: str) -> bool:
    """Whether a registration names an uploaded object by this."""
    return url.startswith(_SCHEME)


def uploaded_id(url: str) -> UUID | None:
    """The id in the address of an uploaded object; None when it holds none."""
    try:
        return UUID(url.removeprefix(_SCHEME))
    except ValueError:
        return None


def begin_objects(*, actor: Actor, folder: Folder, count: int) -> list[Upload]:
    """Make room for objects that are going to be sent and registered into the folder.

    Raises:
        InvalidInput: so many are not taken at once.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    if not 1 <= count <= MAX_OBJECTS:
        message = f"From 1 to {MAX_OBJECTS:,} files can be announced at once."
        raise InvalidInput(message, errors=[FieldError("count", message, found=str(count))])
    ids = [uuid4() for _ in range(count)]
    rows = [
        Upload(
            id=item_id,
            item_id=item_id,
            organisation=actor.organisation,
            user=actor.user,
            folder=folder,
            purpose=UploadPurpose.OBJECT,
            size=0,
            expires_at=expiry(),
        )
        for item_id in ids
    ]
    return Upload.objects.bulk_create(rows, batch_size=1000)


def receive_object(*, upload_id: UUID, content: IO[bytes], length: int) -> None:
    """Store the object that an address was given for; sent again, it takes the place of the first.

    The address speaks for the person who asked for it.

    Raises:
        NotFound: there is no such upload, or it was registered already.
        NotAllowed: the person may not edit the folder any more.
        UploadGone: it has expired.
        UploadTooLarge: files of this size are not taken.
        BodyTooShort: the content ended early.
    """
    upload = _open_upload(upload_id)
    if length > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES >> 20
        raise UploadTooLarge(f"The file has {length >> 20:,} MB; at most {limit:,} MB are taken.")
    stored, _ = store(direct_key(upload), content, length)
    try:
        _count(upload, stored, length)
    except BaseException:
        default_storage.delete(stored)
        raise


def sent_objects(actor: Actor, folder: Folder) -> dict[UUID, UploadedFile]:
    """All objects that the actor has sent for the folder and that nobody has registered yet."""
    rows = _sent(actor, folder).values_list("pk", "storage_key", "size")
    return {pk: UploadedFile(pk, key, size) for pk, key, size in rows}


def take_objects(
    *, actor: Actor, folder: Folder, upload_ids: Collection[UUID]
) -> Mapping[UUID, UploadedFile]:
    """Take over those of the objects that are there; they are the caller's from now on.

    Call it in the transaction that saves their items.
    """
    if not upload_ids:
        return {}
    rows = _sent(actor, folder).filter(pk__in=upload_ids)
    taken = {
        row.pk: UploadedFile(row.pk, row.storage_key, row.size)
        for row in rows.order_by("pk").select_for_update(of=("self",))
    }
    Upload.objects.filter(pk__in=taken).delete()
    return taken


def _sent(actor: Actor, folder: Folder) -> UploadQuerySet:
    mine = Upload.objects.visible_to(actor).filter(folder=folder, purpose=UploadPurpose.OBJECT)
    return mine.filter(expires_at__gt=timezone.now()).exclude(storage_key="")


def _open_upload(upload_id: UUID) -> Upload:
    rows = Upload.objects.select_related("user", "organisation", "folder")
    upload = rows.filter(pk=upload_id, purpose=UploadPurpose.OBJECT).first()
    if upload is None or upload.user is None or upload.folder is None:
        raise NotFound("There is no such upload, or it was registered already.")
    if upload.expires_at <= timezone.now():
        raise UploadGone
    actor = Actor(user=upload.user, organisation=upload.organisation)
    require_role(actor, upload.folder, FolderRole.EDITOR)
    return upload


@transaction.atomic
def _count(upload: Upload, stored: str, length: int) -> None:
    """Let the stored file be the upload's, unless that was registered or has expired meanwhile."""
    row = Upload.objects.select_for_update(of=("self",)).filter(pk=upload.pk).first()
    if row is None or row.expires_at <= timezone.now():
        raise UploadGone
    if row.storage_key:
        transaction.on_commit(partial(default_storage.delete, row.storage_key), robust=True)
    row.storage_key, row.size, row.offset = stored, length, length
    row.expires_at = expiry()
    row.save(update_fields=["storage_key", "size", "offset", "expires_at", "updated_at"])
