"""What the steps of a recipe make of today's data, without changing anything.

Each step is carried out on a set of unit ids in numpy, as the person who asks sees the folder now.
A step that names what is gone (a key, a map version, an example, a collection) is left out, and
says why.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from accounts.actor import Actor
from collections_app.matching import Matching
from collections_app.models import Collection, PickedUnits
from collections_app.querysets import visible_units
from collections_app.recipes import NOTES, Step, sees_whole_recipe
from collections_app.sets import collections_in
from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from embeddings.copying import read_queryset
from folders.filters.expressions import AnyOf
from folders.models import Unit

UnitIds = NDArray[np.int64]

_NOT_KEPT = "Which units were picked was not kept when this step was taken."
_MAP_GONE = "The map version that its region was drawn on was discarded."
_NOTHING: UnitIds = np.empty(0, dtype=np.int64)
# A recipe may speak of a recipe, which may come back to the first.
_under_way: ContextVar[tuple[UUID, ...]] = ContextVar("recipes_under_way", default=())


@dataclass(frozen=True, slots=True)
class ReplayedStep:
    """One step today: how many units it names, and how many picked ones are gone.

    `units` is None of a step that changes nothing by itself, or that has a `problem`.
    """

    step: Step
    units: int | None = None
    gone: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Replay:
    """The units, in ascending order, that the recipe makes today."""

    steps: list[ReplayedStep]
    units: UnitIds

    @property
    def problems(self) -> list[tuple[int, str]]:
        """Places of the steps that were left out, and why."""
        return [(n, one.problem) for n, one in enumerate(self.steps) if one.problem]


@dataclass(frozen=True, slots=True)
class Difference:
    """Replaying against what is in the collection now: unit ids, in ascending order."""

    added: UnitIds
    removed: UnitIds
    kept: UnitIds


def require_whole_recipe(actor: Actor, collection: Collection) -> None:
    """Raise NotAllowed unless the actor sees all that the recipe is about."""
    if not sees_whole_recipe(actor, collection):
        raise NotAllowed(
            f"Only who sees the whole folder “{collection.root.name}” can replay this recipe: its "
            "steps are about all of it."
        )


def replay(actor: Actor, collection: Collection) -> Replay:
    """Replay the recipe of a collection on what the actor sees of its root now.

    Raises:
        NotAllowed: the actor sees a part of the root folder only.
        InvalidInput: the recipe is being replayed already: it speaks of itself.
    """
    require_whole_recipe(actor, collection)
    units, steps = _NOTHING, []
    with _guarded(collection):
        for step in collection.recipe:
            done, named = _carry_out(actor, collection, step)
            steps.append(done)
            match step["action"]:
                case "added":
                    units = np.union1d(units, named)
                case "removed":
                    units = np.setdiff1d(units, named, assume_unique=True)
    return Replay(steps, units)


def difference(actor: Actor, collection: Collection, replayed: Replay) -> Difference:
    """How the collection would change."""
    present = ids_of(visible_units(actor, collection))
    return Difference(
        added=np.setdiff1d(replayed.units, present, assume_unique=True),
        removed=np.setdiff1d(present, replayed.units, assume_unique=True),
        kept=np.intersect1d(present, replayed.units, assume_unique=True),
    )


def picked_of(collection: Collection, step: Step) -> PickedUnits | None:
    """The units that a step names one by one, if they were kept."""
    if "picked" not in step:
        return None
    return PickedUnits.objects.filter(collection=collection, pk=step["picked"]).first()


def ids_of(units: QuerySet[Unit]) -> UnitIds:
    """The units' ids in ascending order."""
    rows = read_queryset(units.order_by().values_list("pk"), [("pk", "i8")])
    return np.sort(rows["pk"].astype(np.int64))


def _carry_out(actor: Actor, collection: Collection, step: Step) -> tuple[ReplayedStep, UnitIds]:
    """The step as it is today, and the units that it names."""
    if step["action"] in NOTES:
        return ReplayedStep(step), _NOTHING
    if "filter" not in step:
        return _picked(actor, collection, step)
    if problem := _deleted_collections(collection, step):
        return ReplayedStep(step, problem=problem), _NOTHING
    try:
        matching = Matching.from_json(dict(step))
        found = ids_of(matching.units(actor=actor, root=collection.root))
    except (InvalidInput, NotFound) as error:
        return ReplayedStep(step, problem=_reason(error)), _NOTHING
    return ReplayedStep(step, units=len(found)), found


def _picked(actor: Actor, collection: Collection, step: Step) -> tuple[ReplayedStep, UnitIds]:
    """The same units again, but for those that are gone."""
    kept = picked_of(collection, step)
    if kept is None:
        return ReplayedStep(step, problem=_NOT_KEPT), _NOTHING
    seen = Unit.objects.visible_to(actor).filter(root=collection.root_id)
    found = ids_of(seen.filter(AnyOf(kept.units)))
    return ReplayedStep(step, units=len(found), gone=len(kept.units) - len(found)), found


def _deleted_collections(collection: Collection, step: Step) -> str:
    """What the step's filter names and is not there any more, in words; empty when all is there."""
    wanted = collections_in(step.get("filter"))
    if not wanted:
        return ""
    there = Collection.objects.filter(root=collection.root_id, pk__in=wanted)
    known = {str(pk) for pk in there.values_list("pk", flat=True)}
    names = step.get("names", {})
    gone = [f"“{names[pk]}”" if pk in names else "a collection" for pk in wanted if pk not in known]
    return f"It takes units from what was deleted: {', '.join(gone)}." if gone else ""


def _reason(error: DomainError) -> str:
    paths = [part.path for part in error.errors]
    if any(path.endswith("value.reduction") for path in paths):
        return _MAP_GONE
    details = [part.message for part in error.errors if part.message != error.message]
    return " ".join([error.message, *details])


@contextmanager
def _guarded(collection: Collection) -> Iterator[None]:
    """Refuse to go in a circle."""
    if collection.pk in _under_way.get():
        raise InvalidInput(f"The recipe of “{collection.name}” leads back to itself.")
    token = _under_way.set((*_under_way.get(), collection.pk))
    try:
        yield
    finally:
        _under_way.reset(token)


def without_problems(replayed: Replay) -> list[Step]:
    """The steps that could be replayed."""
    return [one.step for one in replayed.steps if not one.problem]
