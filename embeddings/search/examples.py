"""What is searched near: a unit, a vector, or a blend of several; the query vector they make."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from core.errors import InvalidInput, NotFound
from embeddings.models import Vector
from embeddings.search.distance import norms
from embeddings.values import read_vector
from folders.choices import Metric
from folders.models import MetadataKey, Unit

FloatVector = npt.NDArray[np.float32]

# A mean of more examples tells less of each than a collection would.
MAX_EXAMPLES = 100


@dataclass(frozen=True, slots=True)
class UnitExample:
    """Search for what is near the vector of this unit."""

    unit_id: int


@dataclass(frozen=True, slots=True)
class VectorExample:
    """Search for what is near this vector."""

    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Blend:
    """Search for what is like all of some examples, and unlike others.

    The query is the mean of plus, less the mean of minus; under cosine each example counts by its
    direction alone and is brought to length 1 first. One example alone is searched for as it is.
    """

    plus: tuple[UnitExample | VectorExample, ...]
    minus: tuple[UnitExample | VectorExample, ...] = ()


Example = UnitExample | VectorExample | Blend


@dataclass(frozen=True, slots=True)
class Query:
    """The query vector; `plus` are the examples that it was made of, when they are several."""

    vector: FloatVector
    plus: tuple[FloatVector, ...] = ()


def query_of(actor: Actor, key: MetadataKey, example: Example) -> Query:
    """The query that an example makes under a key.

    Raises:
        NotFound: a unit is not there for the actor.
        InvalidInput: a unit has no vector, a vector has another size than the key or is not finite,
            a blend has no plus or too many examples; under cosine, an example or the blend is zero.
    """
    if not isinstance(example, Blend):
        return Query(_nonzero(key, _vector_of(actor, key, example), "The query vector is zero"))
    if not example.plus:
        raise InvalidInput("Give at least one example that hits shall be like.", code="no_plus")
    if len(example.plus) + len(example.minus) > MAX_EXAMPLES:
        message = f"A search takes up to {MAX_EXAMPLES} examples."
        raise InvalidInput(message, code="too_many_examples")
    if len(example.plus) == 1 and not example.minus:
        return query_of(actor, key, example.plus[0])
    plus = [_example(actor, key, one) for one in example.plus]
    query = _mean(key, plus)
    if example.minus:
        query -= _mean(key, [_example(actor, key, one) for one in example.minus])
    with np.errstate(over="ignore"):
        blended = query.astype(np.float32)
    if not np.isfinite(blended).all():
        raise InvalidInput("The examples are too large to be added up.", code="too_large")
    zero = "Plus and minus cancel each other out, so the query vector is zero"
    return Query(_nonzero(key, blended, zero), tuple(plus))


def _example(actor: Actor, key: MetadataKey, one: UnitExample | VectorExample) -> FloatVector:
    return _nonzero(key, _vector_of(actor, key, one), "An example is zero")


def _mean(key: MetadataKey, vectors: list[FloatVector]) -> npt.NDArray[np.float64]:
    rows = np.stack(vectors).astype(np.float64)
    if key.metric == Metric.COSINE:
        rows /= norms(np.stack(vectors))[:, np.newaxis]
    mean: npt.NDArray[np.float64] = rows.mean(axis=0)
    return mean


def _nonzero(key: MetadataKey, vector: FloatVector, words: str) -> FloatVector:
    if key.metric == Metric.COSINE and norms(vector[np.newaxis])[0] == 0.0:
        raise InvalidInput(
            f"{words}: it has no direction, so no cosine distance.", code="zero_query"
        )
    return vector


def _vector_of(actor: Actor, key: MetadataKey, example: UnitExample | VectorExample) -> FloatVector:
    """The example's vector, float32 of shape (dimensions,)."""
    if isinstance(example, UnitExample):
        return _vector_of_unit(actor, key, example.unit_id)
    vector, error = read_vector(list(example.values), dimensions=key.dimensions, path="vector")
    if error is not None or vector is None:
        raise InvalidInput(error.message if error else "", errors=[error] if error else [])
    return vector


def _vector_of_unit(actor: Actor, key: MetadataKey, unit_id: int) -> FloatVector:
    if not Unit.objects.visible_to(actor).filter(pk=unit_id).exists():
        raise NotFound("There is no such unit, or you have no access to it.")
    value = Vector.objects.filter(key=key, unit_id=unit_id).values_list("value", flat=True).first()
    if value is None:
        raise InvalidInput(
            f"This unit has no vector under “{key.name}”, so nothing can be near it.",
            code="query_unit_without_vector",
        )
    return np.asarray(value, dtype=np.float32)
