"""*Add to collection* in one step: into an existing collection, or a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from collections_app.choices import Colour
from collections_app.matching import Matching
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.services.collections import create_collection
from collections_app.services.matching import add_matching
from collections_app.services.members import Change, add_units
from core.errors import InvalidInput
from core.models import Job
from folders.choices import FolderRole
from folders.models import Folder


@dataclass(frozen=True, slots=True)
class Collected:
    """Where units went; `job` when a worker still adds them."""

    collection: Collection
    change: Change | None = None
    job: Job | None = None


@transaction.atomic
def collect(
    *,
    actor: Actor,
    root: Folder,
    collection_id: UUID | None = None,
    name: str = "",
    description: str = "",
    colour: int = Colour.NONE,
    units: Sequence[int] | None = None,
    matching: Matching | None = None,
) -> Collected:
    """Add units, named or described, to a collection of the root.

    Args:
        collection_id: an existing collection; None makes one with `name`, `description`
            and `colour`.
        units: ids picked by hand; may be empty.
        matching: all units that match, if they were not picked.
    """
    if collection_id is None:
        collection = create_collection(
            actor=actor, root=root, name=name, description=description, colour=colour
        )
    else:
        collection = get_collection(actor, collection_id, FolderRole.EDITOR)
    if collection.root_id != root.pk:
        raise InvalidInput("This collection belongs to another folder.")
    if matching is None:
        change = add_units(actor=actor, collection=collection, units=units or [])
        return Collected(collection, change=change)
    done = add_matching(actor=actor, collection=collection, matching=matching)
    if isinstance(done, Job):
        return Collected(collection, job=done)
    return Collected(collection, change=done)
