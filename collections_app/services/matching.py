"""Adds to a collection, or takes out of it, all that matches a description; by a worker when it
is much.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.models import Organisation
from collections_app.constants import MAX_UNITS_IN_REQUEST, UNITS_PER_BATCH
from collections_app.matching import Matching
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.services.members import (
    Change,
    add_units,
    append_step,
    delete_members,
    insert_members,
    lock,
    remove_units,
    seen_units,
)
from core import jobs
from core.models import Job
from core.services.jobs import enqueue_job
from folders.choices import FolderRole
from folders.models import Unit
from folders.querysets import UnitQuerySet

KIND = "collections.add_matching"
REMOVE_KIND = "collections.remove_matching"


def add_matching(*, actor: Actor, collection: Collection, matching: Matching) -> Change | Job:
    """Add all units that match: at once up to some thousands, else by a job."""
    get_collection(actor, collection.pk, FolderRole.EDITOR)
    units = matching.units(actor=actor, root=collection.root)
    count = units.count()
    if count <= MAX_UNITS_IN_REQUEST:
        return add_units(actor=actor, collection=collection, units=units, matching=matching)
    title = f"Adding {count:,} units to {collection.name}"
    return _enqueue(actor, collection, matching, KIND, title)


def remove_matching(*, actor: Actor, collection: Collection, matching: Matching) -> Change | Job:
    """Take all units that match out of it: at once up to some thousands, else by a job."""
    get_collection(actor, collection.pk, FolderRole.EDITOR)
    units = matching.units(actor=actor, root=collection.root)
    count = units.filter(collection_members__collection=collection).count()
    if count <= MAX_UNITS_IN_REQUEST:
        return remove_units(actor=actor, collection=collection, units=units, matching=matching)
    title = f"Removing {count:,} units from {collection.name}"
    return _enqueue(actor, collection, matching, REMOVE_KIND, title)


@jobs.handler(KIND)
def run_add_matching(job: jobs.JobRun) -> dict[str, int]:
    """Add in batches; a resumed run goes on behind the last batch."""
    return _run(job, "added")


@jobs.handler(REMOVE_KIND)
def run_remove_matching(job: jobs.JobRun) -> dict[str, int]:
    """Remove in batches likewise."""
    return _run(job, "removed")


def _enqueue(
    actor: Actor, collection: Collection, matching: Matching, kind: str, title: str
) -> Job:
    return enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=kind,
        title=title,
        payload={"collection": str(collection.pk), "matching": matching.to_json()},
        folder_id=collection.root_id,
    )


def _run(job: jobs.JobRun, action: str) -> dict[str, int]:
    """Change the members batch by batch.

    Each batch stands by itself, so that the collection is never locked for long; the one step of
    the recipe is written with the last.
    """
    if job.actor_user is None:
        return {action: 0}
    organisation = Organisation.objects.get(pk=job.organisation_id)
    actor = Actor(user=job.actor_user, organisation=organisation)
    collection = get_collection(actor, UUID(job.payload["collection"]), FolderRole.EDITOR)
    matching = Matching.from_json(job.payload["matching"])
    wanted = seen_units(actor, collection, matching.units(actor=actor, root=collection.root))
    total = wanted.count()
    state: dict[str, Any] = {"last": 0, "done": 0, action: 0} | job.checkpoint
    while batch := list(_ids_after(wanted, state["last"])):
        with transaction.atomic():
            lock(collection)
            units = wanted.filter(pk__in=batch)
            if action == "added":
                changed = insert_members(actor, collection, units).changed
            else:
                changed = delete_members(collection, units)
        state = {
            "last": batch[-1],
            "done": state["done"] + len(batch),
            action: state[action] + changed,
        }
        step = "Adding units" if action == "added" else "Removing units"
        try:
            job.progress(done=state["done"], total=total, step=step, checkpoint=state)
        except jobs.JobCancelled:
            # What was changed stays so, and the recipe tells of it.
            _note(actor, collection, action, state[action], matching, job.row.pk)
            raise
    _note(actor, collection, action, state[action], matching, job.row.pk)
    return {action: state[action]}


@transaction.atomic
def _note(
    actor: Actor,
    collection: Collection,
    action: str,
    changed: int,
    matching: Matching,
    job_id: UUID,
) -> None:
    """Write the one step of a job into the recipe; a run that starts again finds it there."""
    lock(collection)
    done = any(step.get("job") == str(job_id) for step in collection.recipe)
    if changed and not done:
        append_step(actor, collection, action, changed, matching, job_id)


def _ids_after(units: UnitQuerySet, last: int) -> QuerySet[Unit, int]:
    behind = units.filter(pk__gt=last).order_by("pk")
    return behind.values_list("pk", flat=True)[:UNITS_PER_BATCH]
