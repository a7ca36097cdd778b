"""Addresses that open without a session or token, for an hour: of originals, of metadata.

For programs that fetch an address as it is. Where browsers may go to the bucket itself there are
addresses of the bucket; these are for all other originals.
"""

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from core.errors import NotAllowed, NotFound
from folders.models import Folder, Item

LIFETIME = timedelta(hours=1)
PARAMETER = "token"
ORIGINAL = "original"


def signed_original_path(item: Item) -> str:
    """Path and query; to be handed only to whoever may see the item."""
    token = sign_item(item.pk, ORIGINAL)
    return f"{reverse('item-original', args=[item.pk])}?{PARAMETER}={token}"


def sign_item(item_id: UUID, purpose: str) -> str:
    """A token that opens one thing of an item."""
    signature = signing.TimestampSigner(salt=_salt(purpose)).sign(item_id.hex)
    return signature.partition(":")[2]


def signed_item(request: HttpRequest, item_id: UUID, purpose: str) -> Item | None:
    """The item that the address itself opens; None where it carries no token.

    Raises:
        NotAllowed: the token is of another item or purpose, or its hour has passed. Programs must
            not be shown the way to the sign-in page instead.
    """
    token = request.GET.get(PARAMETER)
    if token is None:
        return None
    signer = signing.TimestampSigner(salt=_salt(purpose))
    try:
        signer.unsign(f"{item_id.hex}:{token}", max_age=LIFETIME)
    except signing.BadSignature:
        raise NotAllowed("This address has expired.", code="address_expired") from None
    # Live folders only: what is deleted is gone for addresses, too.
    items = Item.objects.filter(folder__in=Folder.objects.all())
    item = items.select_related("folder").filter(pk=item_id).first()
    if item is None:
        raise NotFound
    return item


def _salt(purpose: str) -> str:
    return f"folders.items.{purpose}"
