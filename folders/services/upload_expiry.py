"""What is done about uploads that nobody comes back to."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.actor import Actor
from core.errors import DomainError
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
    ).select_related("user", "organisation")
    made = 0
    for upload in left.order_by("updated_at")[:BATCH_SIZE]:
        if upload.user is None:
            continue
        actor = Actor(user=upload.user, organisation=upload.organisation)
        try:
            made += finish_upload(actor=actor, upload=upload).finished
        except DomainError as error:
            logger.warning("The upload %s cannot become an item: %s", upload.pk, error)
    return made


def remove_expired_uploads() -> int:
    """Remove uploads whose time is over, with their files; return how many."""
    removed = 0
    expired = Upload.objects.filter(expires_at__lte=Now()).order_by("expires_at")
    for upload_id in list(expired.values_list("pk", flat=True)[:BATCH_SIZE]):
        try:
            # One file that cannot be removed must not keep the others.
            with transaction.atomic():
                removed += remove_expired(upload_id)
        except OSError:
            logger.warning("The upload %s cannot be removed.", upload_id, exc_info=True)
    return removed
