"""*Find similar* to all that is selected."""

from dataclasses import dataclass

from accounts.actor import Actor
from collections_app.matching import comparable, embedding_key
from core.errors import InvalidInput
from embeddings.search.mean import mean_vector
from embeddings.vector_text import encode_vector
from explorer.constants import MAX_MEAN_VECTORS, MAX_SELECTED_EXAMPLES
from explorer.controls import controls_for
from explorer.menus import active_embedding, embeddings_of
from explorer.state import ExplorerState
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet


@dataclass(frozen=True, slots=True)
class Likeness:
    """The state of the search; how many vectors it starts from, and whether from their mean."""

    state: ExplorerState
    key: str
    vectors: int
    by_mean: bool


def state_like(
    *, actor: Actor, root: Folder, state: ExplorerState, units: UnitQuerySet
) -> Likeness:
    """The state that searches near all the units, under the active embedding.

    Some become examples of the search; many, their mean. Units without a vector do not count.

    Raises:
        InvalidInput: there is no embedding; none of the units has a vector, or too many have one;
            or their vectors cancel each other out.
    """
    key = _active_key(actor, root, state)
    having = units.filter(pk__in=comparable(key, root)).order_by("pk")
    ids = list(having.values_list("pk", flat=True)[: MAX_SELECTED_EXAMPLES + 1])
    if not ids:
        message = f"None of the selected units has a {key.name} vector to search near."
        raise InvalidInput(message, code="query_unit_without_vector")
    if len(ids) <= MAX_SELECTED_EXAMPLES:
        like = state.changed(similar=None, embedding=key.name, plus=tuple(ids))
        return Likeness(like, key.name, len(ids), by_mean=False)
    if having[: MAX_MEAN_VECTORS + 1].count() > MAX_MEAN_VECTORS:
        message = f"A mean is taken of up to {MAX_MEAN_VECTORS:,} vectors. Select fewer units."
        raise InvalidInput(message, code="too_many_examples")
    vectors, mean = mean_vector(key, root.pk, having)
    if mean is None:
        message = "The vectors cancel each other out, so their mean has no direction."
        raise InvalidInput(message, code="zero_query")
    like = state.changed(similar=None, embedding=key.name, vector=encode_vector(mean))
    return Likeness(like, key.name, vectors, by_mean=True)


def _active_key(actor: Actor, root: Folder, state: ExplorerState) -> MetadataKey:
    active = active_embedding(state, embeddings_of(root, controls_for(actor, root), state))
    if active is None and not state.embedding:
        raise InvalidInput("The schema has no embedding to search under. Add a key first.")
    return embedding_key(actor, active.key.name if active else state.embedding)
