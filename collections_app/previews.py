"""The preview of a replay: each step then and now, the difference, and filters that list it."""

from dataclasses import dataclass
from typing import Any

from accounts.actor import Actor
from collections_app.models import Collection
from collections_app.recipes import StepWords
from collections_app.replaying import Difference, Replay, difference, replay
from collections_app.telling import tell

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """One step in words, with how many units it changed then and names now."""

    told: StepWords
    then: int
    now: int | None
    gone: int
    problem: str

    @property
    def words(self) -> str:
        """The step as one sentence."""
        return self.told.sentence


@dataclass(frozen=True, slots=True)
class Preview:
    """What replaying would do; the sets by their filters, so that they can be looked at."""

    collection: Collection
    steps: list[PreviewStep]
    change: Difference
    replayed: Replay

    @property
    def units(self) -> int:
        """How many units the collection would hold."""
        return len(self.replayed.units)

    @property
    def added(self) -> int:
        """How many would come."""
        return len(self.change.added)

    @property
    def removed(self) -> int:
        """How many would go."""
        return len(self.change.removed)

    @property
    def kept(self) -> int:
        """How many would stay."""
        return len(self.change.kept)

    @property
    def problems(self) -> int:
        """How many steps are left out."""
        return len(self.replayed.problems)

    @property
    def filters(self) -> dict[str, Tree]:
        """Each set as a filter."""
        pk = str(self.collection.pk)
        made: Tree = {"field": "recipe", "op": "eq", "value": pk}
        other: Tree = {"field": "recipe", "op": "ne", "value": pk}
        inside: Tree = {"field": "collection", "op": "in", "value": [pk]}
        outside: Tree = {"field": "collection", "op": "not_in", "value": [pk]}
        return {
            "made": made,
            "added": {"all": [made, outside]},
            "removed": {"all": [other, inside]},
            "kept": {"all": [made, inside]},
        }


def preview(actor: Actor, collection: Collection) -> Preview:
    """Replay the recipe without changing anything.

    Raises:
        NotAllowed: the actor sees a part of the root folder only.
    """
    replayed = replay(actor, collection)
    words = tell(actor, collection.root, [one.step for one in replayed.steps])
    steps = [
        PreviewStep(told, one.step["units"], one.units, one.gone, one.problem)
        for told, one in zip(words, replayed.steps, strict=True)
    ]
    return Preview(collection, steps, difference(actor, collection, replayed), replayed)
