"""Where files lie in the media storage, and originals that lie elsewhere.

    items/<2 letters>/<item>/original           the original, never altered
    derived/<2 letters>/<item>/<version>/…      thumbnails and frame pictures, can be made again
        small.webp  large.webp                  of the item
        frames/<number>-small.webp              of one frame
    derived/<2 letters>/<item>/frame-times      when the frames of a video are shown

The two letters keep folders of a local storage small. The original of an item that was registered
by its address lies with its owner and is read through an integration; what is derived from it lies
here.
"""

import contextlib
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import IO
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import InvalidStorageError, default_storage, storages
from django.utils.http import content_disposition_header

from folders.models import Item
from integrations.models import Integration
from integrations.services.objects import browser_url, open_object

# Types that browsers show by themselves and that cannot carry scripts, as XML such as SVG can. A
# registration names the type of its objects: no other spelling of one, no parameters, no lists.
_SHOWN = re.compile(r"(image|video)/(?!.*xml)[a-z0-9][a-z0-9.+-]*")


def original_key(item_id: UUID) -> str:
    """Where the original of an item goes."""
    return f"items/{item_id.hex[:2]}/{item_id.hex}/original"


def thumbnail_key(item: Item, size: str) -> str:
    """Where a thumbnail of the item's present version lies."""
    return thumbnail_key_of(item.pk, item.thumbnail_version, size)


def thumbnail_key_of(item_id: UUID, version: int, size: str) -> str:
    """Where a thumbnail of some version of an item lies."""
    return f"{_derived(item_id)}/{version}/{size}.webp"


def frame_key(item: Item, frame: int, size: str) -> str:
    """Where the cached picture of one frame lies."""
    return f"{_derived(item.pk)}/{item.thumbnail_version}/frames/{frame}-{size}.webp"


def times_key(item: Item) -> str:
    """Where the timestamps of a video's frames lie; an original never changes, nor do they."""
    return f"{_derived(item.pk)}/frame-times"


def save_original(item_id: UUID, content: IO[bytes]) -> str:
    """Store an original by streaming it; return its storage key."""
    return default_storage.save(original_key(item_id), File(content))


def open_original(item: Item) -> IO[bytes]:
    """The original of an item that has one, from our storage or from where it lies.

    Use it in a `with` block, see integrations.services.objects.open_object.

    Raises:
        FileNotFoundError: it has none, or the storage has lost it.
        ObjectUnavailable: it lies elsewhere and cannot be had; the message is for the user.
        ObjectUnreachable: it lies elsewhere and cannot be had just now.
    """
    if item.storage_key:
        return default_storage.open(item.storage_key, "rb")
    if is_remote(item) and item.integration:
        return open_object(item.integration, item.object_url)
    raise FileNotFoundError(item.pk)


def original_url(item: Item, *, seconds: int = 3600, save: bool = False) -> str | None:
    """An address that a browser gets the original from without us, None when there is none.

    It opens this one object for a while; nobody needs our session or any credentials for it, so it
    is handed only to whoever may see the item, and never stored. Asked to `save`, browsers make a
    file of it instead of showing it.

    Raises:
        ObjectUnavailable: the item's address is none of its integration's.
    """
    shown = item.mime_type if is_shown(item) else "application/octet-stream"
    if item.storage_key:
        return _bucket_url(item, shown, seconds, save=save)
    if is_remote(item) and item.integration:
        return browser_url(
            item.integration,
            item.object_url,
            seconds=seconds,
            content_type=shown if item.mime_type else "",
            save_as=item.name if save else "",
        )
    return None


def is_remote(item: Item) -> bool:
    """Whether the original lies elsewhere."""
    return not item.storage_key and bool(item.object_url) and item.integration_id is not None


def is_shown(item: Item) -> bool:
    """Whether browsers show the original by themselves, and it cannot carry scripts."""
    return _SHOWN.fullmatch(item.mime_type) is not None


def has_original(item: Item) -> bool:
    """Whether the original lies in our storage."""
    return bool(item.storage_key) and default_storage.exists(item.storage_key)


def items_read_through(integration: Integration) -> int:
    """How many items have their originals there."""
    return Item.objects.filter(integration=integration).count()


def write_derived(key: str, content: bytes) -> None:
    """Store a derived file in place of an earlier one."""
    # Storages choose another name rather than write over a file.
    if default_storage.exists(key):
        default_storage.delete(key)
    default_storage.save(key, ContentFile(content))


def read_derived(key: str) -> bytes | None:
    """The derived file, None when it has not been made or was dropped."""
    try:
        with default_storage.open(key, "rb") as file:
            return bytes(file.read())
    except OSError:
        return None


def remove_item_files(item_id: UUID) -> None:
    """Delete the original of an item and all that was derived from it; again does no harm."""
    remove_tree(str(PurePosixPath(original_key(item_id)).parent))
    remove_tree(_derived(item_id))


def remove_tree(prefix: str) -> None:
    """Delete all below a prefix, and the emptied folder where the storage has folders."""
    try:
        folders, files = default_storage.listdir(prefix)
    except FileNotFoundError:
        return
    for folder in folders:
        remove_tree(f"{prefix}/{folder}")
    for file in files:
        default_storage.delete(f"{prefix}/{file}")
    with contextlib.suppress(OSError):
        default_storage.delete(prefix)


def _derived(item_id: UUID) -> str:
    return f"derived/{item_id.hex[:2]}/{item_id.hex}"


def _bucket_url(item: Item, content_type: str, seconds: int, *, save: bool) -> str | None:
    """The signed address in our own bucket, where browsers may go there."""
    try:
        storage = storages["browsers"]
    except InvalidStorageError:
        return None
    name = content_disposition_header(save or not is_shown(item), item.name)
    parameters = {"ResponseContentType": content_type, "ResponseContentDisposition": name}
    # Django's storages take no parameters; only buckets have this alias.
    sign: Callable[..., str] = storage.url
    return sign(item.storage_key, parameters=parameters, expire=seconds)
