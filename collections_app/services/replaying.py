"""Applies the recipe of a collection to today's data, or saves what it makes as a new one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Organisation
from collections_app.choices import Colour
from collections_app.constants import MAX_UNITS_IN_REQUEST, UNITS_PER_BATCH
from collections_app.models import Collection, PickedUnits
from collections_app.permissions import get_collection
from collections_app.recipes import Step, make_step
from collections_app.replaying import (
    Difference,
    Replay,
    difference,
    picked_of,
    replay,
    require_whole_recipe,
    without_problems,
)
from collections_app.services.collections import create_collection
from collections_app.services.members import delete_members, insert_members, lock, seen_units
from core import jobs
from core.errors import Conflict, FieldError
from core.models import Job
from core.services import audit
from core.services.jobs import enqueue_job
from folders.choices import FolderRole
from folders.filters.expressions import AnyOf
from folders.models import Unit
from folders.querysets import UnitQuerySet

KIND = "collections.replay"


@dataclass(frozen=True, slots=True)
class Applied:
    """How many units a replay has added, removed, and found in place."""

    added: int
    removed: int
    kept: int


@dataclass(frozen=True, slots=True)
class SavedReplay:
    """The new collection; `job` when a worker still fills it."""

    collection: Collection
    job: Job | None = None


@transaction.atomic
def apply_recipe(
    *,
    actor: Actor,
    collection: Collection,
    leave_out: bool = False,
    expected: tuple[int, int] | None = None,
) -> Applied | Job:
    """Make the collection what its recipe makes today: at once up to some thousands, else by a job.

    Args:
        actor: edits some part of the root and sees all of it.
        collection: changes.
        leave_out: go without the steps that cannot be replayed.
        expected: how many units were to be added and removed when somebody looked.

    Raises:
        NotAllowed: see actor.
        Conflict: steps cannot be replayed; the difference is another one by now.
    """
    get_collection(actor, collection.pk, FolderRole.EDITOR)
    require_whole_recipe(actor, collection)
    lock(collection)
    replayed = _replayable(actor, collection, leave_out=leave_out)
    change = difference(actor, collection, replayed)
    _require_expected(change, expected)
    if len(change.added) + len(change.removed) > MAX_UNITS_IN_REQUEST:
        return _enqueue(actor, collection, change, leave_out=leave_out)
    added = _insert(actor, collection, change.added.tolist())
    removed = _delete(actor, collection, change.removed.tolist())
    _note(actor, collection, added, removed)
    return Applied(added, removed, len(change.kept))


@transaction.atomic
def save_replay(
    *,
    actor: Actor,
    collection: Collection,
    name: str,
    description: str = "",
    colour: int = Colour.NONE,
    leave_out: bool = False,
) -> SavedReplay:
    """A new collection with the recipe of this one and what it makes today; this one stays.

    Raises:
        NotAllowed: the actor edits no part of the root, or does not see all of it.
        Conflict, InvalidInput: steps cannot be replayed; the name is taken, empty or too long.
    """
    require_whole_recipe(actor, collection)
    steps: Sequence[Step] = collection.recipe
    if leave_out:
        steps = without_problems(replay(actor, collection))
    made = create_collection(
        actor=actor, root=collection.root, name=name, description=description, colour=colour
    )
    made.recipe = [_copied(step, collection, made) for step in steps]
    made.save(update_fields=["recipe"])
    done = apply_recipe(actor=actor, collection=made)
    return SavedReplay(made, done if isinstance(done, Job) else None)


@jobs.handler(KIND)
def run_apply_recipe(job: jobs.JobRun) -> dict[str, int]:
    """Apply in batches; a run that starts again finds what is left to do as a difference.

    Raises:
        Conflict: a step cannot be replayed any more, which nobody has agreed to leave out.
    """
    if job.actor_user is None:
        return {"added": 0, "removed": 0}
    organisation = Organisation.objects.get(pk=job.organisation_id)
    actor = Actor(user=job.actor_user, organisation=organisation)
    collection = get_collection(actor, UUID(job.payload["collection"]), FolderRole.EDITOR)
    replayed = _replayable(actor, collection, leave_out=job.payload["leave_out"])
    change = difference(actor, collection, replayed)
    total = len(change.added) + len(change.removed)
    done = {"added": 0, "removed": 0} | job.checkpoint
    before = sum(done.values())
    try:
        for name, ids, write in (
            ("added", change.added, _insert),
            ("removed", change.removed, _delete),
        ):
            for start in range(0, len(ids), UNITS_PER_BATCH):
                batch = ids[start : start + UNITS_PER_BATCH].tolist()
                done[name] += _write(actor, collection, batch, write)
                job.progress(
                    done=sum(done.values()),
                    total=max(before + total, sum(done.values())),
                    step="Adding units" if name == "added" else "Removing units",
                    checkpoint=done,
                )
    except jobs.JobCancelled:
        # What was changed stays so, and the recipe tells of it.
        _note_once(actor, collection, done, job.row.pk)
        raise
    _note_once(actor, collection, done, job.row.pk)
    return done


def _replayable(actor: Actor, collection: Collection, *, leave_out: bool) -> Replay:
    replayed = replay(actor, collection)
    if replayed.problems and not leave_out:
        errors = [
            FieldError(f"recipe.{place}", problem, "not_replayable")
            for place, problem in replayed.problems
        ]
        message = "Some steps cannot be replayed. Leave them out, or keep the collection as it is."
        raise Conflict(message, code="steps_not_replayable", errors=errors)
    return replayed


def _require_expected(change: Difference, expected: tuple[int, int] | None) -> None:
    found = len(change.added), len(change.removed)
    if expected is not None and expected != found:
        message = (
            f"Replaying would now add {found[0]:,} and remove {found[1]:,} units, not "
            f"{expected[0]:,} and {expected[1]:,}. Look at the difference again."
        )
        raise Conflict(message, code="changed_since_preview")


def _enqueue(actor: Actor, collection: Collection, change: Difference, *, leave_out: bool) -> Job:
    changed = len(change.added) + len(change.removed)
    return enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=KIND,
        title=f"Replaying the recipe of {collection.name}: {changed:,} units change",
        payload={"collection": str(collection.pk), "leave_out": leave_out},
        folder_id=collection.root_id,
        # Two at once would add up each other's work.
        idempotency_key=f"replay:{collection.pk}",
    )


_Write = Callable[[Actor, Collection, list[int]], int]


@transaction.atomic
def _write(actor: Actor, collection: Collection, ids: list[int], write: _Write) -> int:
    """One batch by itself, so that the collection is never locked for long."""
    lock(collection)
    return write(actor, collection, ids)


def _insert(actor: Actor, collection: Collection, ids: list[int]) -> int:
    return insert_members(actor, collection, _seen(actor, collection, ids)).changed


def _delete(actor: Actor, collection: Collection, ids: list[int]) -> int:
    return delete_members(collection, _seen(actor, collection, ids))


def _seen(actor: Actor, collection: Collection, ids: list[int]) -> UnitQuerySet:
    return seen_units(actor, collection, Unit.objects.filter(AnyOf(ids)))


@transaction.atomic
def _note_once(actor: Actor, collection: Collection, done: dict[str, Any], job_id: UUID) -> None:
    """Note what a job did; a run that starts again finds it noted."""
    lock(collection)
    if not any(step.get("job") == str(job_id) for step in collection.recipe):
        _note(actor, collection, done["added"], done["removed"], job_id)


def _note(
    actor: Actor, collection: Collection, added: int, removed: int, job: UUID | None = None
) -> None:
    """Write into the recipe and the audit log that it was replayed; the caller holds the lock."""
    if not added and not removed:
        return
    units = collection.members.count()
    step = make_step(actor=actor, action="replayed", units=units, job=job)
    step |= {"added": added, "removed": removed}
    collection.recipe = [*collection.recipe, step]
    collection.save(update_fields=["recipe", "updated_at"])
    audit.record(
        actor=actor,
        action="collection.replayed",
        target=collection,
        data={"added": added, "removed": removed},
    )


def _copied(step: Step, origin: Collection, made: Collection) -> Step:
    """The step for another collection, with its own list of the units that were picked."""
    kept = picked_of(origin, step)
    if kept is None:
        return step
    copy = PickedUnits.objects.create(collection=made, units=kept.units)
    return {**step, "picked": str(copy.pk)}
