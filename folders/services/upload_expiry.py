"""What is done about uploads that nobody comes back to."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.actor import Actor
from folders.choices import UploadPurpose
from folders.constants import BATCH_SIZE
from folders.models import Upload
from folders.services.uploads import finish_upload, remove_expired

logger = logging.getLogger(__name__)

# A complete upload of this age was not finished by the request that completed it.
_LEFT_AFTER = timedelta(minutes=15)


def finish_left_uploads() -> int:
    """Make items of files that arrived whole just before their process ended; return how many."""
    left = Upload.objects.filter(
        purpose=UploadPurpose.ITEM,
        finished=False,
        offset=F("size"),
        updated_at__lt=Now() - _LEFT_AFTER,
        expires_at__gt=Now(),
        # Reservations of files that come in by other ways count no bytes.
        size__gt=0,
        user__isnull=False,
    ).select_related("user", "organisation")
    return sum(_finish(upload) for upload in left.order_by("updated_at", "created_at")[:BATCH_SIZE])


def remove_expired_uploads() -> int:
    """Remove uploads whose time is over, with their files; return how many."""
    expired = Upload.objects.filter(expires_at__lte=Now()).order_by("updated_at", "created_at")
    return sum(_remove(pk) for pk in list(expired.values_list("pk", flat=True)[:BATCH_SIZE]))


def _finish(upload: Upload) -> bool:
    """Make an item of one upload, whatever is the matter with others."""
    if upload.user is None:
        return False
    actor = Actor(user=upload.user, organisation=upload.organisation)
    try:
        return finish_upload(actor=actor, upload=upload).finished
    except Exception:
        logger.exception("The upload %s cannot become an item.", upload.pk)
        _put_last(upload.pk)
        return False


def _remove(upload_id: UUID) -> bool:
    """Remove one upload, whatever is the matter with others."""
    try:
        with transaction.atomic():
            return remove_expired(upload_id)
    except Exception:
        logger.exception("The upload %s cannot be removed.", upload_id)
        _put_last(upload_id)
        return False


def _put_last(upload_id: UUID) -> None:
    """Let others come first the next time, however many there are that cannot go on."""
    Upload.objects.filter(pk=upload_id).update(updated_at=Now())
