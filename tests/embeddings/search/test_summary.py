"""The numbers under the distance slider."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotFound
from embeddings.search import UnitExample, VectorExample, distance_summary, search
from embeddings.services.vectors import write_vectors
from folders.choices import Metric
from folders.models import Folder, Unit
from tests.embeddings.worlds import make_key, make_units, put

ActorFor = Callable[[User], Actor]


def test_distance_summary__not_for_others(
    birds: Folder, editor: User, outsider: User, actor_for: ActorFor
) -> None:
    key = make_key(birds, dimensions=2)

    with pytest.raises(NotFound):
        distance_summary(
            actor=actor_for(outsider), root=birds, key=key, query=VectorExample([1, 0])
        )

    summary = distance_summary(
        actor=actor_for(editor), root=birds, key=key, query=VectorExample([1, 0])
    )
    assert (summary.minimum, summary.maximum, summary.searched) == (None, None, 0)
    assert summary.counts == []


def test_distance_summary__is_exact_at_every_edge(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 500)
    key = make_key(birds, dimensions=64, metric=Metric.L2)
    generator = np.random.default_rng(7)
    rows = generator.standard_normal((500, 64)).astype(np.float32)
    # Distances that lie on the edges of the histogram, as nearly as float32 can place them.
    rows[:48] = 0
    rows[:48, 0] = np.linspace(0, 20, 48)
    write_vectors(key=key, unit_ids=np.array(units), values=rows)
    asked: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": key,
        "query": VectorExample([0.0] * 64),
    }
    exact = np.sqrt(np.square(rows.astype(np.float64)).sum(axis=1))

    summary = distance_summary(**asked, threshold=float(exact[20]))

    assert (summary.minimum, summary.maximum) == (exact.min(), exact.max())
    assert summary.counts == np.histogram(exact, bins=summary.edges)[0].tolist()
    assert summary.within == int((exact <= exact[20]).sum())
    page = search(**asked, max_distance=float(exact[20]), limit=1000)
    assert len(page.hits) == summary.within


def test_distance_summary__one_unit_and_identical_vectors(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 5)
    key = make_key(birds, dimensions=2)
    put(key, {unit: [1, 1] for unit in units})

    summary = distance_summary(
        actor=actor_for(editor), root=birds, key=key, query=UnitExample(units[0]), threshold=0.0
    )

    assert (summary.minimum, summary.maximum) == (0.0, 0.0)
    assert (summary.searched, summary.within, sum(summary.counts)) == (5, 5, 5)


def test_distance_summary__counts_what_the_actor_sees_within_the_filter(
    birds: Folder, night: Folder, night_viewer: User, viewer: User, actor_for: ActorFor
) -> None:
    above, below = make_units(birds, 3), make_units(night, 3)
    key = make_key(birds, dimensions=2)
    put(key, {unit: [1, place] for place, unit in enumerate(above + below)})
    asked: dict[str, Any] = {"root": birds, "key": key, "query": VectorExample([1, 0])}

    part = distance_summary(actor=actor_for(night_viewer), **asked)
    whole = distance_summary(
        actor=actor_for(viewer), **asked, units=Unit.objects.exclude(pk=above[0])
    )

    assert (part.searched, part.within) == (3, 3)
    assert whole.searched == 5
    assert whole.minimum == pytest.approx(1 - 2**-0.5)
