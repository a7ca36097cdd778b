"""What the page says of an embedding that has no map to show."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.models import Job, JobState
from embeddings.choices import ReductionMethod, ReductionState
from embeddings.models import Reduction, VectorSet
from explorer.controls import controls_for
from explorer.mapping import map_data
from explorer.menus import active_embedding, embeddings_of
from explorer.state import ExplorerState
from tests.embeddings.mapping import make_map
from tests.explorer.conftest import World

ActorFor = Callable[[User], Actor]


def told(world: World, actor: Actor) -> dict[str, str]:
    """What the map is told of the key clip."""
    state = ExplorerState(embedding="clip")
    controls = controls_for(actor, world.root)
    active = active_embedding(state, embeddings_of(world.root, controls, state))
    return map_data(actor, world.root, state, active, controls)


def version(world: World, state: ReductionState, number: int = 1, **more: object) -> Reduction:
    return Reduction.objects.create(
        root=world.root,
        key=world.clip,
        version=number,
        method=ReductionMethod.TSNE,
        state=state,
        **more,
    )


def test_absent__says_how_to_get_a_first_map(
    world: World, editor: User, actor_for: ActorFor
) -> None:
    data = told(world, actor_for(editor))

    assert data["absent"] == "No map yet for clip"
    assert "Tick Embedding reduction for clip" in data["absent-why"]
    assert "parts-url" not in data


def test_absent__without_vectors_says_so(world: World, editor: User, actor_for: ActorFor) -> None:
    VectorSet.objects.filter(key=world.clip).delete()

    data = told(world, actor_for(editor))

    assert data["absent"] == "No clip vectors yet"
    assert "Import vectors, or choose another embedding." in data["absent-why"]


def test_absent__after_a_failure_gives_its_reason(
    world: World, editor: User, viewer: User, actor_for: ActorFor
) -> None:
    version(world, ReductionState.FAILED, failure="Some points ran away to infinity")

    data = told(world, actor_for(editor))

    assert data["absent"] == "The map of clip could not be computed"
    assert data["absent-why"] == (
        "Some points ran away to infinity. Save Folder upgrades to compute it."
    )
    assert "Somebody who may edit this folder" in told(world, actor_for(viewer))["absent-why"]


@pytest.mark.parametrize("by_job", [False, True])
def test_absent__after_a_cancellation_says_how_to_begin_again(
    by_job: bool, world: World, editor: User, actor_for: ActorFor
) -> None:
    """Also of a run whose job was cancelled before it began."""
    made = version(world, ReductionState.PENDING if by_job else ReductionState.CANCELLED)
    if by_job:
        made.job = Job.objects.create(
            organisation=world.root.organisation,
            kind="embeddings.reduce",
            title="Reducing",
            state=JobState.CANCELLED,
        )
        made.save(update_fields=["job"])

    data = told(world, actor_for(editor))

    assert data["absent"] == "The map of clip was cancelled"
    assert "Save Folder upgrades to compute it." in data["absent-why"]


def test_map__whose_next_version_failed_says_why(
    world: World, editor: User, actor_for: ActorFor
) -> None:
    make_map(world.root, world.clip, world.ids[:2], [(0, 0), (1, 1)])
    version(world, ReductionState.FAILED, 2, failure="No room is left on the disk.")

    data = told(world, actor_for(editor))

    assert "absent" not in data
    assert data["status"].endswith("version 2 could not be computed: No room is left on the disk.")
