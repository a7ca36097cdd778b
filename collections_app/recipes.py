"""The steps that made a collection, as they are stored and as they are read."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict
from uuid import UUID

from django.utils import timezone

from accounts.actor import Actor
from collections_app.matching import Matching
from folders.choices import FolderRole
from folders.permissions import has_role

if TYPE_CHECKING:
    from collections_app.models import Collection


class Step(TypedDict):
    """One change of a collection's members.

    `filter` is a tree of the filter grammar and `search` a `matching.Search`, when the units were
    described; a step without either changed units that were picked by hand. `job` is the id of the
    job that took the step, if one did. `to` is the root folder to which units went that left: a
    step of nobody's own.
    """

    action: str
    units: int
    user: str
    by: str
    at: str
    filter: NotRequired[dict[str, Any]]
    search: NotRequired[dict[str, Any]]
    job: NotRequired[str]
    to: NotRequired[str]


def visible_steps(actor: Actor, collection: "Collection") -> list[Step]:
    """The steps that the actor may read.

    Counts and filters of the whole root are for those who see all of it; others read their own.
    """
    steps: list[Step] = collection.recipe
    if has_role(actor, collection.root, FolderRole.VIEWER):
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


def describe(step: Step) -> dict[str, Any]:
    """The step in words: {"words", "by", "at"}."""
    if step["action"] == "left":
        words = f"Lost {step['units']:,} {_noun(step)} that moved to another root folder"
        return {"words": words, "by": step["by"], "at": datetime.fromisoformat(step["at"])}
    verb = {"added": "Added", "removed": "Removed"}.get(step["action"], step["action"].capitalize())
    return {
        "words": f"{verb} {step['units']:,} {_noun(step)} {_origin(step)}",
        "by": step["by"],
        "at": datetime.fromisoformat(step["at"]),
    }


def _noun(step: Step) -> str:
    return "unit" if step["units"] == 1 else "units"


def _origin(step: Step) -> str:
    search = step.get("search")
    if search and search.get("max_distance") is not None:
        return f"within distance {search['max_distance']:g} under {search['key']}"
    if search:
        return f"found by similarity under {search['key']}"
    if step.get("filter"):
        return "that matched a filter"
    return "picked by hand" if "filter" not in step else "of the whole folder"
