"""Import of vectors for items and frames that are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput, NotFound
from core.services import audit
from embeddings.constants import MAX_REPORTED_ERRORS
from embeddings.services.addresses import UnitAddress, find_units, probe_videos
from embeddings.services.vectors import VectorBatch, write_batches
from embeddings.values import read_vectors
from folders.choices import FolderRole
from folders.models import Folder, MetadataKey
from folders.permissions import require_role
from folders.services.locks import share_tree


@dataclass(frozen=True, slots=True)
class VectorEntry:
    """A vector as it was sent, unchecked, and the unit it is for."""

    address: UnitAddress
    values: Any


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import wrote."""

    written: int
    dimensions: int


def import_vectors(
    *, actor: Actor, folder: Folder, key_name: str, entries: Sequence[VectorEntry]
) -> ImportReport:
    """Write vectors of one key for units in the folder and below, over present ones; all or none.

    A frame that is named here and has no unit yet becomes a key frame. A key without a size takes
    that of the first vector.

    Raises:
        NotAllowed: the actor may not edit the folder.
        NotFound: there is no live embedding key of that name.
        InvalidInput: naming every wrong entry (up to 50) by its path, `vectors.<n>`.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    key = live_embedding_key(actor, key_name)
    paths = [f"vectors.{number}" for number in range(len(entries))]
    addresses = [entry.address for entry in entries]
    probes = probe_videos(actor=actor, folder=folder, addresses=addresses)
    with transaction.atomic():
        share_tree(actor.organisation_id)
        matrix, errors = read_vectors(
            [entry.values for entry in entries],
            dimensions=key.dimensions,
            paths=[f"{path}.values" for path in paths],
        )
        unit_ids = find_units(
            actor=actor, folder=folder, addresses=addresses, probes=probes, errors=errors
        )
        refuse(errors + _repeats(unit_ids, paths))
        batch = VectorBatch(
            key=key,
            unit_ids=np.array([unit for unit in unit_ids if unit], dtype=np.int64),
            values=matrix,
            paths=[f"{path}.values" for path in paths],
        )
        report = write_batches([batch])
        audit.record(
            actor=actor,
            action="vectors.imported",
            target=folder,
            data={"key": key.name, "count": report.written},
        )
    return ImportReport(written=report.written, dimensions=matrix.shape[1])


def live_embedding_key(actor: Actor, name: str) -> MetadataKey:
    """The live embedding key of that name in the actor's organisation.

    Raises:
        NotFound: there is none.
    """
    keys = MetadataKey.objects.visible_to(actor).live().embeddings()
    key = keys.filter(name=name).first()
    if key is None:
        raise NotFound(f"There is no embedding key “{name}”.", code="unknown_key")
    return key


def refuse(errors: list[FieldError]) -> None:
    """Raise InvalidInput if there are errors; it names the first 50 and says how many there are."""
    if errors:
        message = errors[0].message if len(errors) == 1 else f"{len(errors)} values are not valid."
        raise InvalidInput(
            message, errors=errors[:MAX_REPORTED_ERRORS], extra={"error_count": len(errors)}
        )


def _repeats(unit_ids: Sequence[int | None], paths: Sequence[str]) -> list[FieldError]:
    """Entries whose unit an earlier entry has named."""
    first: dict[int, str] = {}
    errors: list[FieldError] = []
    for unit_id, path in zip(unit_ids, paths, strict=True):
        if unit_id is None:
            continue
        if unit_id in first:
            message = f"{first[unit_id]} is for the same item or frame."
            errors.append(FieldError(path, message, "repeated"))
        first.setdefault(unit_id, path)
    return errors
