"""Rows that name files before they are stored, so that none is left behind without a trace.

Whoever is killed between storing a file and saving the row that needs it leaves the reservation;
when it expires, folders.services.upload_expiry removes the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.actor import Actor
from folders.choices import UploadPurpose
from folders.models import Folder, Item, Upload
from folders.upload_storage import remove_upload_files


def reserve(
    *,
    actor: Actor,
    folder: Folder,
    name: str,
    size: int,
    purpose: UploadPurpose = UploadPurpose.ITEM,
    item_id: UUID | None = None,
    client_key: str = "",
) -> Upload:
    """Note that a file of this size is about to be stored; the row is committed at once."""
    return Upload.objects.create(
        organisation=actor.organisation,
        user=actor.user,
        folder=folder,
        purpose=purpose,
        name=name,
        size=size,
        item_id=item_id,
        client_key=client_key,
        expires_at=expiry(),
    )


@contextmanager
def reserved(*, actor: Actor, item: Item) -> Iterator[None]:
    """Store the original of an item and save the item within; what fails leaves no file."""
    reservation = reserve(
        actor=actor, folder=item.folder, name=item.name, size=item.size or 0, item_id=item.pk
    )
    try:
        yield
    except BaseException:
        remove_upload_files(reservation)
        reservation.delete()
        raise
    reservation.delete()


def expiry() -> datetime:
    """When an upload ends to which nothing is added from now on."""
    return timezone.now() + settings.UPLOAD_EXPIRY
