"""Hands the vectors of a batch to whoever stores them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import FieldError, InvalidInput, Unavailable
from folders import hooks
from folders.metadata.parse import ParsedValues
from folders.metadata.values import VectorValues
from folders.models import MetadataKey
from folders.services.imports._report import ImportReport, raise_errors


@dataclass(slots=True)
class _Batch:
    """Vectors of one key, as three parallel lists."""

    unit_ids: list[int] = field(default_factory=list)
    values: list[VectorValues] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


class VectorBatch:
    """Collects vectors and removals by key while units get their ids."""

    def __init__(self) -> None:
        self._written: dict[str, _Batch] = {}
        self._removed: dict[str, list[int]] = {}

    def add(self, unit_id: int, parsed: ParsedValues) -> None:
        """Take the vectors of one unit."""
        for name, values in parsed.vectors.items():
            batch = self._written.setdefault(name, _Batch())
            batch.unit_ids.append(unit_id)
            batch.values.append(values)
            batch.paths.append(f"{parsed.path}.{name}")
        for name in parsed.removed:
            self._removed.setdefault(name, []).append(unit_id)

    def write(self, keys: Mapping[str, MetadataKey], report: ImportReport) -> None:
        """Write and remove, key by key in the order of their ids, so that batches never deadlock.

        Raises:
            InvalidInput: with the errors of all keys together.
        """
        errors: list[FieldError] = []
        for name in sorted(self._written, key=lambda name: keys[name].pk):
            batch = self._written[name]
            errors += _write(keys[name], batch)
            report.vectors[name] += len(batch.unit_ids)
        raise_errors(errors)
        for name in sorted(self._removed, key=lambda name: keys[name].pk):
            if hooks.vector_remover.function is None:
                raise Unavailable("No app that stores vectors is installed.")
            hooks.vector_remover.function(key=keys[name], unit_ids=self._removed[name])
            report.removed[name] += len(self._removed[name])


def _write(key: MetadataKey, batch: _Batch) -> tuple[FieldError, ...]:
    if hooks.vector_sink.function is None:
        raise Unavailable("No app that stores vectors is installed.")
    try:
        hooks.vector_sink.function(
            key=key, unit_ids=batch.unit_ids, values=batch.values, paths=batch.paths
        )
    except InvalidInput as error:
        return error.errors or (FieldError(batch.paths[0], error.message),)
    return ()
