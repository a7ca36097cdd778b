"""What is searched: who may ask for what, and the checks on it."""

import hashlib
import math
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.core.exceptions import EmptyResultSet
from django.db import connection

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput, NotFound
from embeddings.querysets import units_to_search
from embeddings.search.examples import Example, query_of
from folders.choices import KeyType, Metric
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet


@dataclass(frozen=True, slots=True)
class Question:
    """A checked search, as engines take it.

    `units` is the set to search, already cut by what the actor may see; None is the whole root.
    """

    key_id: int
    root_id: UUID
    metric: Metric
    vector: npt.NDArray[np.float32]
    units: UnitQuerySet | None
    max_distance: float | None
    # The examples that the vector is the mean of, when they are several.
    plus: tuple[npt.NDArray[np.float32], ...] = ()

    def units_sql(self) -> str | None:
        """The set to search as a SELECT of unit ids, with every value in place; None is all.

        Raises:
            EmptyResultSet: the filter can match nothing.
        """
        if self.units is None:
            return None
        sql, parameters = self.units.order_by().values("pk").query.sql_with_params()
        composed = connection.ops.compose_sql(sql, parameters)  # type: ignore[attr-defined]
        return str(composed)

    def digest(self) -> str:
        """A name that changes with anything that decides the order or the set of hits."""
        parts = (
            *(self.key_id, self.root_id, self.metric, self.max_distance),
            *(self.vector.tobytes(), self._units_text()),
        )
        return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()

    def _units_text(self) -> str:
        try:
            return self.units_sql() or ""
        except EmptyResultSet:
            return "nothing"


def ask(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    example: Example,
    units: UnitQuerySet | None,
    max_distance: float | None,
) -> Question:
    """Check a search.

    Raises:
        NotFound: the key, the root folder or the query unit is not there for the actor.
        InvalidInput: as query_of; the largest distance is no number.
    """
    foreign = actor.organisation_id != key.organisation_id
    if foreign or key.type != KeyType.EMBEDDING or key.deleted_at is not None:
        raise NotFound("There is no such embedding.")
    if root.organisation_id != actor.organisation_id or not root.is_root:
        raise NotFound("There is no such root folder, or you have no access to it.")
    if max_distance is not None and not math.isfinite(max_distance):
        error = FieldError("max_distance", "The largest distance is a finite number.")
        raise InvalidInput(errors=[error])
    query = query_of(actor, key, example)
    return Question(
        key_id=key.pk,
        root_id=root.pk,
        metric=Metric(key.metric),
        vector=query.vector,
        units=units_to_search(actor, root, units),
        # Not numpy's own type, which would be written into statements by its name.
        max_distance=None if max_distance is None else float(max_distance),
        plus=query.plus,
    )
