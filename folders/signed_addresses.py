"""Addresses of originals that open without a session or token, for an hour.

For programs that fetch an address as it is. Where browsers may go to the bucket itself there are
addresses of the bucket; these are for all other originals.
"""

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

from folders.models import Item

LIFETIME = timedelta(hours=1)
PARAMETER = "token"
_SALT = "folders.originals"


def signed_original_path(item: Item) -> str:
    """Path and query; to be handed only to whoever may see the item."""
    token = signing.TimestampSigner(salt=_SALT).sign(item.pk.hex).partition(":")[2]
    return f"{reverse('item-original', args=[item.pk])}?{PARAMETER}={token}"


def opens(token: str, item_id: UUID) -> bool:
    """Whether the token is one of this item, and its hour has not passed."""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        signer.unsign(f"{item_id.hex}:{token}", max_age=LIFETIME)
    except signing.BadSignature:
        return False
    return True
