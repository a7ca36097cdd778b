"""Many items go at once for everybody, as a large folder does.

They are put into a folder of their own that is deleted from the start, below the one that they lay
in: what takes a deleted folder out of every read and write hides them, and what empties it, at its
leisure, removes them.

Items that are set aside may come back for a minute: their folder is deleted from the start as well,
but at a time that is still to come, and only then is it emptied (folders.services.removal).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.actor import Actor
from core.errors import Conflict, NotFound
from core.services import audit
from folders.choices import FolderRole
from folders.constants import BATCH_SIZE, MAX_NAME_LENGTH
from folders.models import Folder, Item, Unit
from folders.permissions import require_role
from folders.services.folders import reload_folder
from folders.services.following import Effects, move_units
from folders.services.locks import own_tree, share_tree
from folders.services.removal import request_removal

# Longer than a toast that offers it stays, which rests under the pointer.
TIME_TO_RESTORE: Final = timedelta(minutes=1)


@transaction.atomic
def hide_items(*, actor: Actor, folder: Folder, item_ids: Iterable[UUID]) -> int:
    """Delete items of a folder, from now on nobody sees any of them; a job removes what is left.

    Returns:
        How many there were; others are not in the folder any more, or only parts of a whole.

    Raises:
        NotAllowed: the actor may not edit the folder.
        NotFound: the folder has just been deleted.
    """
    hidden, count = _hide(actor, folder, item_ids, timezone.now())
    request_removal(actor=actor, folder=hidden)
    return count


@transaction.atomic
def set_aside(*, actor: Actor, folder: Folder, item_ids: Iterable[UUID]) -> tuple[UUID, int]:
    """The same, but whoever did it may have second thoughts for TIME_TO_RESTORE.

    Returns:
        The name by which `restore_items` knows them, and how many there were.

    Raises:
        NotAllowed, NotFound: as hide_items.
    """
    hidden, count = _hide(actor, folder, item_ids, timezone.now() + TIME_TO_RESTORE)
    return hidden.pk, count


@transaction.atomic
def restore_items(*, actor: Actor, name: UUID) -> int:
    """Bring back what the actor has set aside, as it was; return how many items.

    Raises:
        Conflict: it is being removed already.
        NotAllowed: the actor may not edit the folder any more.
        NotFound: the folder that they lay in is gone.
    """
    # Whoever begins the removal shares the tree: it begins either before, or not at all.
    own_tree(actor.organisation_id)
    mine = Folder.everything.filter(organisation=actor.organisation, created_by=actor.user)
    hidden = mine.filter(pk=name, deleted_at__gt=Now()).first()
    if hidden is None or hidden.parent_id is None:
        raise Conflict("It is too late: they are being removed.", code="too_late")
    folder = Folder.objects.filter(pk=hidden.parent_id).first()
    if folder is None:
        raise NotFound("The folder that they lay in has been deleted.")
    require_role(actor, folder, FolderRole.EDITOR)
    items = Item.objects.filter(folder=hidden)
    count = items.filter(parent=None).count()
    units = list(Unit.objects.filter(folder=hidden).order_by("pk").values_list("pk", flat=True))
    items.update(folder=folder)
    Unit.objects.filter(pk__in=units).update(folder=folder)
    # The folder may be on its way to another root meanwhile.
    move_units(units, Effects())
    hidden.delete()
    audit.record(actor=actor, action="items.restored", target=folder, data={"items": count})
    return count


def _hide(
    actor: Actor, folder: Folder, item_ids: Iterable[UUID], deleted_at: datetime
) -> tuple[Folder, int]:
    """Put the items into a folder that counts as deleted; how many there were."""
    share_tree(actor.organisation_id)
    folder = reload_folder(folder)
    require_role(actor, folder, FolderRole.EDITOR)
    hidden = _hidden_folder(actor, folder, deleted_at)
    wanted, count = sorted(set(item_ids)), 0
    for start in range(0, len(wanted), BATCH_SIZE):
        count += _put_away(folder, wanted[start : start + BATCH_SIZE], hidden)
    hidden.name = f"{count:,} items of {folder.name}"[:MAX_NAME_LENGTH]
    hidden.save(update_fields=["name"])
    if count:
        audit.record(actor=actor, action="items.deleted", target=folder, data={"items": count})
    return hidden, count


def _hidden_folder(actor: Actor, folder: Folder, deleted_at: datetime) -> Folder:
    hidden = Folder(
        id=uuid4(),
        organisation_id=folder.organisation_id,
        parent=folder,
        root_id=folder.root_id,
        name=folder.name,
        created_by=actor.user,
        deleted_at=deleted_at,
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
