"""The vectors of a dataset: written once its files have become items."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from core.services import audit
from embeddings.copying import stream_records
from embeddings.imports.matching import MatrixPlan
from embeddings.matrix import vector_layout
from embeddings.models import VectorSet
from embeddings.services.row_targets import NONE, UnitIds
from embeddings.services.vectors import VectorBatch, write_stream
from folders.choices import KeyType, Metric
from folders.models import Folder, MetadataKey
from folders.names import key_name_problem
from folders.services.schema import add_key


def require_key(actor: Actor, name: str, dimensions: int | None) -> MetadataKey | None:
    """The key of that name if it exists, None if it is to be made.

    Raises:
        InvalidInput: it cannot take such vectors, or cannot be made.
    """
    key = MetadataKey.objects.visible_to(actor).filter(name=name).first()
    if key is None:
        problem = key_name_problem(name, embedding=True)
        if problem:
            raise InvalidInput(problem, errors=[FieldError("key", problem, found=name[:80])])
        return None
    if key.type != KeyType.EMBEDDING or key.deleted_at is not None:
        raise InvalidInput(f"“{name}” is not a live key of type embedding.", code="wrong_key")
    if key.dimensions and dimensions and key.dimensions != dimensions:
        raise InvalidInput(
            f"“{name}” takes vectors of {key.dimensions} numbers; those of the file have "
            f"{dimensions}.",
            code="wrong_length",
        )
    return key


@transaction.atomic
def write_matrix(
    *,
    actor: Actor,
    root: Folder,
    plan: MatrixPlan,
    key_name: str,
    metric: Metric = Metric.COSINE,
    unit_ids: UnitIds,
    told: Callable[[int], None],
) -> int:
    """Write the rows' vectors; those that are there already, bit for bit, are left as they are.

    Args:
        actor: edits the folder.
        root: the root folder of all units.
        plan: of plan_matrix.
        key_name: of an embedding key; it is made if there is none.
        metric: of a key that is made.
        unit_ids: of the units of the files, NONE where one has no item.
        told: is called with how many rows are done.

    Returns:
        How many vectors were written.
    """
    key = require_key(actor, key_name, plan.file.dimensions) or add_key(
        actor=actor,
        name=key_name,
        type=KeyType.EMBEDDING,
        dimensions=plan.file.dimensions,
        metric=metric,
    )
    units = unit_ids[plan.places]
    changed = (units != NONE) & ~_same(plan, key, units)
    report = write_stream(
        key=key,
        root_id=root.pk,
        unit_ids=units[changed],
        batches=_batches(plan, key, units, changed, told),
    )
    if report.written:
        data = {"key": key.name, "count": report.written}
        audit.record(actor=actor, action="vectors.imported", target=root, data=data)
    return report.written


def _same(plan: MatrixPlan, key: MetadataKey, units: UnitIds) -> npt.NDArray[np.bool_]:
    """Rows whose unit has this very vector."""
    same = np.zeros(len(units), dtype=np.bool_)
    if not VectorSet.objects.filter(key=key).exists():
        return same
    for batch in plan.file.batches():
        rows = slice(batch.start, batch.start + len(batch))
        stored = _stored(key, units[rows])
        for place, unit in enumerate(units[rows].tolist()):
            if unit in stored:
                same[batch.start + place] = stored[unit] == batch.values[place].tobytes()
    return same


def _stored(key: MetadataKey, units: UnitIds) -> dict[int, bytes]:
    """Stored values of units as the bytes of native float32."""
    statement = (
        "SELECT unit_id, value FROM embeddings_vector"
        " WHERE key_id = %s AND unit_id = ANY (%s::bigint[])"
    )
    found: dict[int, bytes] = {}
    layout = vector_layout(key.dimensions or 1)
    for records in stream_records(statement, [key.pk, units.tolist()], layout):
        values = records["values"].astype(np.float32)
        for unit, value in zip(records["unit"].tolist(), values, strict=True):
            found[unit] = value.tobytes()
    return found


def _batches(
    plan: MatrixPlan,
    key: MetadataKey,
    units: UnitIds,
    chosen: npt.NDArray[np.bool_],
    told: Callable[[int], None],
) -> Iterator[VectorBatch]:
    for batch in plan.file.batches():
        end = batch.start + len(batch)
        kept = chosen[batch.start : end]
        if kept.any():
            values = batch.values if kept.all() else batch.values[kept]
            yield VectorBatch(key=key, unit_ids=units[batch.start : end][kept], values=values)
        told(end)
