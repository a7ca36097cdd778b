"""Adds everything that matches a description to a collection, by a worker when it is much."""

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
    insert_members,
    lock,
    seen_units,
)
from core import jobs
from core.models import Job
from core.services.jobs import enqueue_job
from folders.choices import FolderRole
from folders.models import Unit
from folders.querysets import UnitQuerySet

KIND = "collections.add_matching"


def add_matching(*, actor: Actor, collection: Collection, matching: Matching) -> Change | Job:
    """Add all units that match: at once up to some thousands, else by a job."""
    get_collection(actor, collection.pk, FolderRole.EDITOR)
    units = matching.units(actor=actor, root=collection.root)
    count = units.count()
    if count <= MAX_UNITS_IN_REQUEST:
        return add_units(actor=actor, collection=collection, units=units, matching=matching)
    return enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=KIND,
        title=f"Adding {count:,} units to {collection.name}",
        payload={"collection": str(collection.pk), "matching": matching.to_json()},
        folder_id=collection.root_id,
    )


@jobs.handler(KIND)
def run_add_matching(job: jobs.JobRun) -> dict[str, int]:
    """Add in batches; a resumed run goes on behind the last batch.

    Each batch stands by itself, so that the collection is never locked for long; the one step of
    the recipe is written with the last.
    """
    if job.actor_user is None:
        return {"added": 0}
    organisation = Organisation.objects.get(pk=job.organisation_id)
    actor = Actor(user=job.actor_user, organisation=organisation)
    collection = get_collection(actor, UUID(job.payload["collection"]), FolderRole.EDITOR)
    matching = Matching.from_json(job.payload["matching"])
    wanted = seen_units(actor, collection, matching.units(actor=actor, root=collection.root))
    total = wanted.count()
    state = {"last": 0, "done": 0, "added": 0} | job.checkpoint
    while batch := list(_ids_after(wanted, state["last"])):
        with transaction.atomic():
            lock(collection)
            change = insert_members(actor, collection, wanted.filter(pk__in=batch))
        state = {
            "last": batch[-1],
            "done": state["done"] + len(batch),
            "added": state["added"] + change.changed,
        }
        try:
            job.progress(done=state["done"], total=total, step="Adding units", checkpoint=state)
        except jobs.JobCancelled:
            # What was added stays, so the recipe tells of it.
            _note(actor, collection, state["added"], matching, job.row.pk)
            raise
    _note(actor, collection, state["added"], matching, job.row.pk)
    return {"added": state["added"]}


@transaction.atomic
def _note(
    actor: Actor, collection: Collection, added: int, matching: Matching, job_id: UUID
) -> None:
    """Write the one step of a job into the recipe; a run that starts again finds it there."""
    lock(collection)
    done = any(step.get("job") == str(job_id) for step in collection.recipe)
    if added and not done:
        append_step(actor, collection, "added", added, matching, job_id)


def _ids_after(units: UnitQuerySet, last: int) -> QuerySet[Unit, int]:
    behind = units.filter(pk__gt=last).order_by("pk")
    return behind.values_list("pk", flat=True)[:UNITS_PER_BATCH]
