"""Many items go at once for everybody, as a large folder does.

They are put into a folder of their own that is deleted from the start, below the one that they lay
in: what takes a deleted folder out of every read and write hides them, and what empties it, at its
leisure, removes them.
"""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from core.services import audit
from folders.choices import FolderRole
from folders.constants import BATCH_SIZE, MAX_NAME_LENGTH
from folders.models import Folder, Item, Unit
from folders.permissions import require_role
from folders.services.folders import reload_folder
from folders.services.locks import share_tree
from folders.services.removal import request_removal


@transaction.atomic
def hide_items(*, actor: Actor, folder: Folder, item_ids: Iterable[UUID]) -> int:
    """Delete items of a folder, from now on nobody sees any of them; a job removes what is left.

    Returns:
        How many there were; others are not in the folder any more, or only parts of a whole.

    Raises:
        NotAllowed: the actor may not edit the folder.
        NotFound: the folder has just been deleted.
    """
    share_tree(actor.organisation_id)
    folder = reload_folder(folder)
    require_role(actor, folder, FolderRole.EDITOR)
    hidden = _hidden_folder(actor, folder)
    wanted, count = sorted(set(item_ids)), 0
    for start in range(0, len(wanted), BATCH_SIZE):
        count += _put_away(folder, wanted[start : start + BATCH_SIZE], hidden)
    hidden.name = f"{count:,} items of {folder.name}"[:MAX_NAME_LENGTH]
    hidden.save(update_fields=["name"])
    if count:
        audit.record(actor=actor, action="items.deleted", target=folder, data={"items": count})
    request_removal(actor=actor, folder=hidden)
    return count


def _hidden_folder(actor: Actor, folder: Folder) -> Folder:
    hidden = Folder(
        id=uuid4(),
        organisation_id=folder.organisation_id,
        parent=folder,
        root_id=folder.root_id,
        name=folder.name,
        created_by=actor.user,
        deleted_at=timezone.now(),
    )
    hidden.path = f"{folder.path}{hidden.id.hex}/"
    hidden.save(force_insert=True)
    return hidden


def _put_away(folder: Folder, item_ids: list[UUID], hidden: Folder) -> int:
    """Change the folder of items, with their parts and units; return how many wholes they were."""
    # Locked in the order that all keep to.
    wholes = Item.objects.filter(folder=folder, parent=None, pk__in=item_ids).order_by("pk")
    ids = list(wholes.select_for_update(of=("self",)).values_list("pk", flat=True))
    parts = Item.objects.filter(parent__in=ids).order_by("pk")
    parts_ids = list(parts.select_for_update(of=("self",)).values_list("pk", flat=True))
    Item.objects.filter(pk__in=[*ids, *parts_ids]).update(folder=hidden)
    units = Unit.objects.filter(item__in=[*ids, *parts_ids]).order_by("pk")
    list(units.select_for_update(of=("self",)).values_list("pk", flat=True))
    units.order_by().update(folder=hidden)
    return len(ids)
