"""The steps that made a collection, as they are stored and as they are read."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict
from uuid import UUID

from django.utils import timezone

from accounts.actor import Actor
from collections_app.matching import Matching
from collections_app.sets import collections_in
from folders.choices import FolderRole
from folders.permissions import has_role

if TYPE_CHECKING:
    from collections_app.models import Collection

# Steps that tell of something, and change nothing when the recipe is replayed: units that left for
# another root are not there any more, and what a replay made is made again by the steps before.
NOTES = ("left", "replayed")


class Step(TypedDict):
    """One change of a collection's members.

    `filter` is a tree of the filter grammar, `search` a `matching.Search` and `operation` an
    Operation that the filter stands for, when the units were described; a step without a filter
    changed units that were picked by hand, and `picked` is the id of PickedUnits, which names them
    (steps of old have none). `names` are those of the collections in the filter, as they were then.
    `job` is the id of the job that took the step, if one did. `to` is the root folder to which
    units went that left: a step of nobody's own. A replay says how many units it has `added` and
    `removed`; its `units` are those that it left in the collection.
    """

    action: str
    units: int
    user: str
    by: str
    at: str
    filter: NotRequired[dict[str, Any] | None]
    search: NotRequired[dict[str, Any]]
    operation: NotRequired[str]
    names: NotRequired[dict[str, str]]
    picked: NotRequired[str]
    job: NotRequired[str]
    to: NotRequired[str]
    added: NotRequired[int]
    removed: NotRequired[int]


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step in words: what happened, on which conditions, by whom, when."""

    words: str
    conditions: tuple[str, ...]
    by: str
    at: datetime

    @property
    def sentence(self) -> str:
        """All of it but who and when."""
        return ": ".join(part for part in (self.words, "; ".join(self.conditions)) if part)


def sees_whole_recipe(actor: Actor, collection: "Collection") -> bool:
    """Whether the actor may read every step: counts and filters are those of the whole root."""
    return has_role(actor, collection.root, FolderRole.VIEWER)


def visible_steps(actor: Actor, collection: "Collection") -> list[Step]:
    """The steps that the actor may read.

    Counts and filters of the whole root are for those who see all of it; others read their own.
    """
    steps: list[Step] = collection.recipe
    if sees_whole_recipe(actor, collection):
        return steps
    return [step for step in steps if step["user"] == str(actor.user.pk)]


def make_step(
    *,
    actor: Actor,
    action: str,
    units: int,
    matching: Matching | None = None,
    job: UUID | None = None,
) -> Step:
    """The step for a change that just happened to `units` units."""
    step: Step = {
        "action": action,
        "units": units,
        "user": str(actor.user.pk),
        "by": actor.user.name or actor.user.email,
        "at": timezone.now().isoformat(),
    }
    if matching is not None:
        step |= matching.to_json()  # type: ignore[typeddict-item]
        if names := _collection_names(matching):
            step["names"] = names
    if job is not None:
        step["job"] = str(job)
    return step


def note_departure(recipe: list[Step], units: int, new_root: UUID) -> list[Step]:
    """The recipe after units of the collection were moved to another root folder.

    Batches of one move follow each other and are told as one step.
    """
    last = recipe[-1] if recipe else None
    if last and last["action"] == "left" and last.get("to") == str(new_root):
        return [*recipe[:-1], {**last, "units": last["units"] + units}]
    step: Step = {
        "action": "left",
        "units": units,
        "user": "",
        "by": "",
        "at": timezone.now().isoformat(),
        "to": str(new_root),
    }
    return [*recipe, step]


def _collection_names(matching: Matching) -> dict[str, str]:
    """Names of the collections that the filter speaks of, should one of them be deleted later."""
    from collections_app.models import Collection

    ids = collections_in(matching.filter)
    found = Collection.objects.filter(pk__in=ids) if ids else Collection.objects.none()
    return {str(pk): name for pk, name in found.values_list("pk", "name")}
