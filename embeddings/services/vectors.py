"""The one service that writes vectors: nothing else may touch the partitions.

Each write is one transaction: data is staged by COPY while nothing is locked, then units are locked
(in id order), then the revisions of their vector sets are raised (in order), then rows and
change rows are written. All take locks in this order, so that none can block another for good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

import numpy as np
from django.db import transaction

from core.errors import FieldError, InvalidInput
from embeddings.constants import MAX_REPORTED_ERRORS
from embeddings.services import derived_rows, vector_rows
from embeddings.services.partitions import ensure_partition
from embeddings.services.staging import Stage, UnitIds, UnitStage, Values
from embeddings.services.vector_sets import Revision, SetName, raise_revisions
from embeddings.values import check_finite, check_length
from folders.choices import KeyType
from folders.models import MetadataKey, Unit


@dataclass(frozen=True, slots=True)
class VectorBatch:
    """Vectors of one key: unit ids of shape (n,), values of shape (n, dimensions).

    `paths` says where each row stands in what was sent, for error messages; a row's unit if empty.
    """

    key: MetadataKey
    unit_ids: UnitIds
    values: Values
    paths: Sequence[str] = ()

    def path(self, row: int) -> str:
        """Where a row stands."""
        return self.paths[row] if self.paths else f"unit {self.unit_ids[row]}"


@dataclass(frozen=True, slots=True)
class WriteReport:
    """How many vectors were written, and the revision that each touched set now has."""

    written: int
    revisions: dict[SetName, Revision]


def write_vectors(*, key: MetadataKey, unit_ids: UnitIds, values: Values) -> WriteReport:
    """Write vectors of one key, over the present ones of the same units; see write_batches."""
    return write_batches([VectorBatch(key=key, unit_ids=unit_ids, values=values)])


def write_batches(batches: Iterable[VectorBatch]) -> WriteReport:
    """Write vectors of any number of keys of one organisation, all of them or none.

    Batches may come from a generator and are not kept: memory holds one at a time. A key without a
    size takes that of its first vector.

    Raises:
        InvalidInput: a value is not finite, a vector has the wrong length, a unit comes twice or is
            not there, or belongs to another organisation than the key. Every wrong row of the
            batch is named, up to 50.
    """
    with transaction.atomic():
        stage = Stage()
        staged: dict[int, list[UnitIds]] = {}
        keys: dict[int, MetadataKey] = {}
        for batch in batches:
            if len(batch.unit_ids):
                _check_batch(batch)
                keys[batch.key.pk] = batch.key
                staged.setdefault(batch.key.pk, []).append(batch.unit_ids)
                stage.copy(key_id=batch.key.pk, unit_ids=batch.unit_ids, values=batch.values)
        for key_id, parts in staged.items():
            _refuse_repeats(keys[key_id], np.concatenate(parts))
        names = vector_rows.lock_staged_units(stage, keys)
        revisions = raise_revisions(names)
        written = vector_rows.take_over(stage) if revisions else 0
        derived_rows.unmark_staged(stage.table, keys)
    return WriteReport(written=written, revisions=revisions)


def write_stream(
    *, key: MetadataKey, root_id: UUID, unit_ids: UnitIds, batches: Iterable[VectorBatch]
) -> WriteReport:
    """Write many vectors of one key for units of one root folder, over present ones.

    For files. Each vector goes by once, straight into the key's partition by COPY, instead of by
    way of a stage that is written as a second copy: twice as quick. The units are locked and the
    revision is raised before the first vector comes, and stay so while they come, which takes no
    longer than copying them out of a stage.

    Args:
        key: a live key of type embedding.
        root_id: of all the units.
        unit_ids: of all batches, each once; of shape (n,).
        batches: of that key.

    Raises:
        Conflict: units are on their way to another root folder, or gone.
        InvalidInput: as write_batches.
    """
    with transaction.atomic():
        ahead = iter(batches)
        first = next(ahead, None)
        if first is None:
            return WriteReport(written=0, revisions={})
        _check_batch(first)
        _refuse_repeats(key, unit_ids)
        stage = UnitStage(unit_ids)
        vector_rows.lock_units_of_root(stage, root_id)
        revisions = raise_revisions([(root_id, key.pk)])
        vector_rows.make_room(stage, key.pk)
        derived_rows.unmark_units(stage.table, key.pk)
        written = 0
        for batch in chain([first], ahead):
            _check_values(batch, first.values.shape[1])
            vector_rows.append(key.pk, root_id, batch.unit_ids, batch.values)
            written += len(batch.unit_ids)
        if written != len(unit_ids):
            raise ValueError("The batches hold other units than those that were announced.")
        vector_rows.note_writes(stage, revisions[root_id, key.pk])
        derived_rows.unmark_units(stage.table, key.pk)
    return WriteReport(written=written, revisions=revisions)


def write_derived(
    *, key: MetadataKey, unit_ids: UnitIds, values: Values, method: str, members: dict[int, int]
) -> WriteReport:
    """Write vectors that were computed, and mark them as such; never over one that was sent.

    Args:
        key: a live key of type embedding.
        unit_ids, values: as write_vectors; units that are gone by now are passed over.
        method: how they were computed.
        members: of how many vectors, by unit.

    Raises:
        InvalidInput: as write_batches.
    """
    with transaction.atomic():
        vector_rows.lock_units(sorted(unit_ids.tolist()), "FOR SHARE")
        there = set(Unit.objects.filter(pk__in=unit_ids.tolist()).values_list("pk", flat=True))
        kept = np.isin(unit_ids, list(there))
        batch = VectorBatch(key=key, unit_ids=unit_ids[kept], values=values[kept])
        if not len(batch.unit_ids):
            return WriteReport(written=0, revisions={})
        _check_batch(batch)
        _refuse_repeats(key, batch.unit_ids)
        stage = Stage()
        stage.copy(key_id=key.pk, unit_ids=batch.unit_ids, values=batch.values)
        revisions = raise_revisions(vector_rows.lock_staged_units(stage, {key.pk: key}))
        derived_rows.drop_imported(stage.table, key.pk)
        written = vector_rows.take_over(stage)
        derived_rows.mark_staged(stage.table, key.pk, method, members)
    return WriteReport(written=written, revisions=revisions)


def delete_vectors(*, key: MetadataKey, unit_ids: Iterable[int]) -> int:
    """Delete vectors of one key; units that have none are passed over. Returns how many went."""
    ids = sorted(set(unit_ids))
    with transaction.atomic():
        vector_rows.lock_units(ids, "FOR SHARE")
        return _remove(ids, key_ids=[key.pk])


def delete_derived(*, key: MetadataKey, unit_ids: Iterable[int]) -> int:
    """Delete those of the units' vectors that are marked as derived. Returns how many went."""
    ids = sorted(set(unit_ids))
    with transaction.atomic():
        vector_rows.lock_units(ids, "FOR SHARE")
        revisions = raise_revisions(_sets_of(ids, [key.pk]))
        # Under the sets' locks: nobody puts a vector of his own in the place of one of them now.
        marked = derived_rows.marked(ids, key.pk)
        derived_rows.unmark(marked, [key.pk])
        return _remove_from(revisions, marked)


def forget_units(unit_ids: Iterable[int]) -> int:
    """Delete all vectors of units that are about to be deleted, as one change per vector set.

    Registered with folders as a hook. A trigger does the same for units deleted in any other way;
    going first takes the sets' locks in order, once instead of once per DELETE. Returns how many
    vectors went.
    """
    ids = sorted(set(unit_ids))
    with transaction.atomic():
        roots = vector_rows.lock_units(ids, "FOR UPDATE")
        return _remove(ids, key_ids=vector_rows.keys_of_roots(roots))


def move_vectors(unit_ids: Iterable[int], source_root: UUID, target_root: UUID) -> int:
    """Follow units that this transaction has moved to another root: gone there, new here.

    Registered with folders as a hook; called after the units' rows were changed, which locks them.
    Returns how many vectors moved.
    """
    ids = sorted(set(unit_ids))
    with transaction.atomic():
        key_ids = [
            key_id
            for key_id in vector_rows.keys_of_roots([source_root])
            if vector_rows.roots_of_vectors(ids, key_id)
        ]
        revisions = raise_revisions(
            (root, key_id) for key_id in key_ids for root in (source_root, target_root)
        )
        return sum(
            vector_rows.move(
                ids,
                key_id=key_id,
                target_root=target_root,
                gone=revisions[source_root, key_id],
                come=revisions[target_root, key_id],
            )
            for key_id in key_ids
        )


def _remove(unit_ids: list[int], *, key_ids: list[int]) -> int:
    """Delete vectors of units that this transaction has locked."""
    revisions = raise_revisions(_sets_of(unit_ids, key_ids))
    derived_rows.unmark(unit_ids, key_ids)
    return _remove_from(revisions, unit_ids)


def _sets_of(unit_ids: list[int], key_ids: list[int]) -> list[SetName]:
    """The sets in which the units have vectors."""
    return [
        (root_id, key_id)
        for key_id in key_ids
        for root_id in vector_rows.roots_of_vectors(unit_ids, key_id)
    ]


def _remove_from(revisions: dict[SetName, Revision], unit_ids: list[int]) -> int:
    return sum(
        vector_rows.remove(unit_ids, root_id=root_id, key_id=key_id, revision=revision)
        for (root_id, key_id), revision in revisions.items()
    )


def _check_batch(batch: VectorBatch) -> None:
    """Refuse what is not a finite float32 matrix of the key's size; make the key ready for it."""
    key, values = batch.key, batch.values
    if key.type != KeyType.EMBEDDING or key.deleted_at is not None:
        raise InvalidInput(f"“{key.name}” is not a live key of type embedding.", code="wrong_key")
    if values.ndim != 2 or values.dtype != np.float32 or len(values) != len(batch.unit_ids):
        raise ValueError("A batch holds a float32 matrix with one row per unit id.")
    _check_values(batch, key.dimensions)
    if key.dimensions is None:
        _settle_size(batch)
    ensure_partition(key_id=key.pk, dimensions=values.shape[1])


def _check_values(batch: VectorBatch, dimensions: int | None) -> None:
    length = batch.values.shape[1]
    wrong_length = check_length(length, dimensions=dimensions, path=batch.path(0))
    if wrong_length is not None:
        raise InvalidInput(errors=[wrong_length])
    not_finite = check_finite(batch.values, path_of=batch.path, limit=MAX_REPORTED_ERRORS)
    if not_finite:
        raise InvalidInput(errors=not_finite)


def _settle_size(batch: VectorBatch) -> None:
    """Give a key without a size that of its first vector, or refuse another one's vectors.

    The lock on the key's row makes a second first vector wait for the first to be committed.
    """
    key = MetadataKey.objects.select_for_update(no_key=True).get(pk=batch.key.pk)
    length = batch.values.shape[1]
    if key.dimensions is None:
        MetadataKey.objects.filter(pk=key.pk).update(dimensions=length)
        return
    wrong_length = check_length(length, dimensions=key.dimensions, path=batch.path(0))
    if wrong_length is not None:
        raise InvalidInput(errors=[wrong_length])


def _refuse_repeats(key: MetadataKey, unit_ids: UnitIds) -> None:
    """Refuse two vectors of one key for one unit: which of them was meant cannot be known."""
    units, counts = np.unique(unit_ids, return_counts=True)
    repeated = units[counts > 1][:MAX_REPORTED_ERRORS].tolist()
    if repeated:
        raise InvalidInput(
            errors=[
                FieldError(
                    path=f"unit {unit_id}",
                    message=f"There are several vectors of “{key.name}” for this unit.",
                    code="repeated",
                )
                for unit_id in repeated
            ]
        )
