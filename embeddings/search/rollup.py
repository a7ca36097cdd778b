"""Hits on frames rolled up to their video or sequence: of each item, its best hit alone."""

from collections.abc import Callable, Sequence

import numpy as np

from embeddings.search.engine import Engine
from embeddings.search.question import Question
from embeddings.search.results import Hit
from folders.models import Unit


def best_of_items(
    engine: Engine, question: Question, hits: Sequence[Hit], *, rank: Callable[[float], float]
) -> list[Hit]:
    """Those of the hits that no other searched unit of the same item comes before.

    A hit's place on earlier pages need not be known: whether an item was shown already is seen by
    its other units.

    Args:
        engine, question: of the search.
        hits: in their order.
        rank: makes ascending numbers of distances in the search's order.
    """
    items = dict(
        Unit.objects.filter(pk__in=[hit.unit_id for hit in hits]).values_list("pk", "item_id")
    )
    siblings = question.units if question.units is not None else Unit.objects.all()
    units = dict(
        siblings.order_by().filter(item__in=set(items.values())).values_list("pk", "item_id")
    )
    distances = engine.distances_of(question, np.array(sorted(units), dtype=np.int64))
    best: dict[object, tuple[float, int]] = {}
    for unit, distance in distances.items():
        place = (rank(distance), unit)
        if (limit := question.max_distance) is None or distance <= limit:
            best[units[unit]] = min(best.get(units[unit], place), place)
    return [hit for hit in hits if best.get(items.get(hit.unit_id), (0, -1))[1] == hit.unit_id]
