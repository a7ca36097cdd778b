"""All units within a distance, against paging through a search."""

from collections.abc import Callable

import numpy as np
import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotFound
from embeddings.search import UnitExample, search
from embeddings.search.within import units_within
from folders.choices import Metric
from folders.models import Folder, Unit
from tests.embeddings.worlds import make_key, make_units, put

ActorFor = Callable[[User], Actor]


@pytest.mark.parametrize("metric", list(Metric))
def test_within__is_what_a_search_pages_through(
    metric: Metric, birds: Folder, viewer: User, actor_for: ActorFor
) -> None:
    actor, ids = actor_for(viewer), make_units(birds, 40)
    key = make_key(birds, metric=metric)
    random = np.random.default_rng(7)
    # Every vector stands there twice, so that the threshold lies on a tie.
    rows = [*random.normal(size=(20, 3))] * 2
    put(key, {unit: row.tolist() for unit, row in zip(ids, rows, strict=True)})
    example = UnitExample(ids[3])
    hits = search(actor=actor, root=birds, key=key, query=example, limit=50).hits

    for hit in (hits[0], hits[11], hits[-1]):
        found = units_within(
            actor=actor, root=birds, key=key, query=example, max_distance=hit.distance
        )
        assert found.tolist() == sorted(h.unit_id for h in hits if h.distance <= hit.distance)


def test_within__keeps_to_the_given_units_and_to_what_is_seen(
    birds: Folder, night: Folder, night_viewer: User, viewer: User, actor_for: ActorFor
) -> None:
    there, hidden = make_units(night, 3), make_units(birds, 3)
    key = make_key(birds)
    put(key, {unit: [1.0, 0.0, unit / 1e6] for unit in there + hidden})
    with pytest.raises(NotFound):
        units_within(
            actor=actor_for(night_viewer),
            root=birds,
            key=key,
            query=UnitExample(hidden[0]),
            max_distance=2.0,
        )

    seen = units_within(
        actor=actor_for(night_viewer),
        root=birds,
        key=key,
        query=UnitExample(there[0]),
        max_distance=2.0,
    )
    chosen = units_within(
        actor=actor_for(viewer),
        root=birds,
        key=key,
        query=UnitExample(there[0]),
        max_distance=2.0,
        units=Unit.objects.filter(pk__in=hidden[:2]),
    )

    assert seen.tolist() == there
    assert chosen.tolist() == hidden[:2]
