"""Reads metadata back as it was written: stored values, vectors and the frames of videos."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from folders import hooks
from folders.choices import KeyType
from folders.metadata.frames import ENCORD, frame_key, stored_config
from folders.metadata.parse import filterable
from folders.models import Item, MetadataKey, Unit

_PREVIEWED = 6


@dataclass(frozen=True, slots=True)
class MetadataRow:
    """One value as the item page shows it."""

    name: str
    type: str
    text: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class VectorRow:
    """One embedding key of a unit as the item page shows it.

    `derived` tells how a vector that nobody sent was made. A video, sequence or group of which only
    frames or parts have a vector has no `dimensions`; `held` tells which have one. `norm` is the
    Euclidean length; a vector of length 0 has no direction.
    """

    name: str
    dimensions: int = 0
    preview: str = ""
    derived: str = ""
    held: str = ""
    norm: float = 0


def full_metadata(items: Sequence[Item], *, vectors: bool = True) -> dict[UUID, dict[str, Any]]:
    """The metadata object of each item, with vectors and frames unless told otherwise.

    Frames stand under the keys by which they were given, those that came by other ways under
    their numbers. Derived vectors are left out: written back, they would count as sent.
    """
    columns = ("pk", "item", "frame", "timestamp", "metadata")
    units = Unit.objects.filter(item__in=items).only(*columns)
    # A video may have a hundred thousand frames.
    named = list(units if vectors else units.filter(frame=None))
    values = _sent([unit.pk for unit in named]) if vectors else {}
    found = {item.pk: dict(item.client_metadata) for item in items}
    frames: dict[UUID, list[tuple[Unit, dict[str, Any]]]] = {}
    for unit in named:
        own = values.get(unit.pk, {})
        if unit.frame is None:
            found[unit.item_id].update(own)
        elif own or unit.metadata:
            frames.setdefault(unit.item_id, []).append((unit, {**unit.metadata, **own}))
    for item_id, metadata in found.items():
        _put_frames(metadata, frames.get(item_id, []), keep=vectors)
    return found


def vector_rows(unit: Unit) -> list[VectorRow]:
    """The vectors of a unit by name; of a whole also the keys that only its frames have."""
    own = vectors_of([unit.pk]).get(unit.pk, {})
    made = derived_vectors([unit.pk]).get(unit.pk, {})
    held = hooks.vectors_held.function(unit.pk) if hooks.vectors_held.function else {}
    rows = []
    for name in sorted(own.keys() | held.keys()):
        values = own.get(name, [])
        preview = " ".join(f"{value:.3g}" for value in values[:_PREVIEWED])
        label, sentence = made.get(name, ""), held.get(name, "")
        norm = math.hypot(*values)
        rows.append(VectorRow(name, len(values), preview, label, sentence, norm))
    # Those of its own first: the first one is where a similarity search begins.
    return sorted(rows, key=lambda row: not row.dimensions)


def derived_vectors(unit_ids: list[int]) -> dict[int, dict[str, str]]:
    """How those of the units' vectors were made that nobody sent, by unit and key name."""
    if hooks.derived_vectors.function is None or not unit_ids:
        return {}
    return hooks.derived_vectors.function(unit_ids)


def metadata_rows(item: Item, keys: Sequence[MetadataKey]) -> list[MetadataRow]:
    """The item's values in the order of their names; keys of the schema without one included."""
    stored = filterable(item.client_metadata)
    types = {key.name: key.type for key in keys if key.type != KeyType.EMBEDDING}
    rows = []
    for name in sorted(types.keys() | stored.keys()):
        value = stored.get(name)
        rows.append(MetadataRow(name, types.get(name, "untyped"), _text(value), value is None))
    return rows


def _put_frames(
    metadata: dict[str, Any], frames: list[tuple[Unit, dict[str, Any]]], *, keep: bool
) -> None:
    mode = stored_config(metadata).mode
    encord = dict(metadata.pop(ENCORD, {}))
    given = {number: key for key, number in encord.pop("frames", {}).items()}
    if keep and (frames or given):
        found: dict[int, tuple[str, dict[str, Any]]] = {
            number: (key, {}) for number, key in given.items()
        }
        for unit, values in frames:
            number = unit.frame or 0
            key = given.get(number) or frame_key(number, mode, unit.timestamp or 0)
            found[number] = key, values
        encord["frames"] = dict(found[number] for number in sorted(found))
    if encord:
        metadata[ENCORD] = encord


def _sent(unit_ids: list[int]) -> dict[int, dict[str, list[float]]]:
    """The vectors that somebody sent."""
    found = vectors_of(unit_ids)
    for unit, names in derived_vectors(list(found)).items():
        for name in names:
            found[unit].pop(name, None)
    return found


def vectors_of(unit_ids: list[int]) -> dict[int, dict[str, list[float]]]:
    """The values of the units' vectors, derived ones included, by unit and key name."""
    if hooks.vector_source.function is None or not unit_ids:
        return {}
    return hooks.vector_source.function(unit_ids=unit_ids)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "True" if value else "False"
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
