"""Recipes in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from accounts.actor import Actor
from collections_app.recipes import Step, StepWords
from collections_app.sets import collections_in
from collections_app.wording import (
    Names,
    filter_words,
    names_of,
    operation_words,
    search_words,
)
from folders.models import Folder


def tell(actor: Actor, root: Folder, steps: Sequence[Step]) -> list[StepWords]:
    """Each step in words; a handful of queries, however many steps there are."""
    searches = [step["search"] for step in steps if step.get("search")]
    names = names_of(actor, root, [step.get("filter") for step in steps], searches)
    return [_told(step, root, _with_old_names(names, step)) for step in steps]


def counted(units: int) -> str:
    """“1 unit”, “1,204 units”."""
    return f"{units:,} {'unit' if units == 1 else 'units'}"


def _told(step: Step, root: Folder, names: Names) -> StepWords:
    words, conditions = _what(step, root, names)
    return StepWords(words, tuple(conditions), step["by"], datetime.fromisoformat(step["at"]))


def _what(step: Step, root: Folder, names: Names) -> tuple[str, list[str]]:
    units = counted(step["units"])
    if step["action"] == "left":
        return f"Lost {units} that moved to another root folder", []
    if step["action"] == "replayed":
        added, removed = step.get("added", 0), step.get("removed", 0)
        return f"Replayed: {added:,} added, {removed:,} removed, {units} in all", []
    verb = {"added": "Added", "removed": "Removed"}.get(step["action"], step["action"].capitalize())
    if "filter" not in step:
        return f"{verb} {units} picked by hand", []
    if step.get("operation"):
        sides = collections_in(step["filter"])
        return f"{verb} {units} {operation_words(step['operation'], sides, names)}", []
    conditions = filter_words(step["filter"], names)
    if search := step.get("search"):
        conditions.insert(0, search_words(search, names))
    if not conditions:
        return f"{verb} {units} of the whole folder {root.name}", []
    return f"{verb} {units} of {root.name}", conditions


def _with_old_names(names: Names, step: Step) -> Names:
    """Collections that are gone keep the name that they had when the step was taken."""
    gone = {
        pk: f"{name} (deleted)"
        for pk, name in step.get("names", {}).items()
        if pk not in names.collections
    }
    return replace(names, collections=names.collections | gone) if gone else names
