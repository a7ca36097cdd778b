"""What an import found in its file, and what it wrote."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from folders.imports.storable import storable

SAMPLE_SIZE = 20


@dataclass(slots=True)
class Report:
    """Counts and samples of one import; small, whatever the size of the file.

    Attributes:
        counts: entries of the file by kind, wrong ones included.
        sample: the first entries as they would be written.
        duplicates: entries that name what is there already, or what stands earlier in the file.
        duplicate_sample: the first of them: where they stand and what they name.
        stored_as_text: by key, the lists of numbers whose key is not in the schema.
        warnings: further sentences about what is not wrong but should be known.
        created, updated, skipped, failed: entries, by what became of them.
        frames: units of frames that were made.
        vectors, removed: vectors written and removed, by embedding key.
        details: what only one importer knows.
    """

    counts: Counter[str] = field(default_factory=Counter)
    sample: list[dict[str, Any]] = field(default_factory=list)
    duplicates: int = 0
    duplicate_sample: list[dict[str, Any]] = field(default_factory=list)
    stored_as_text: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    frames: int = 0
    vectors: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    details: dict[str, Any] = field(default_factory=dict)

    def add_sample(self, entry: Mapping[str, Any]) -> None:
        """Keep the entry if it is one of the first."""
        if len(self.sample) < SAMPLE_SIZE:
            self.sample.append(dict(entry))

    def add_duplicate(self, entry: Mapping[str, Any]) -> None:
        """Count an entry that is there already, and keep it if it is one of the first."""
        self.duplicates += 1
        if len(self.duplicate_sample) < SAMPLE_SIZE:
            self.duplicate_sample.append(dict(entry))

    def as_dict(self) -> dict[str, Any]:
        """The report as it is stored and sent over the wire; `warnings` are complete sentences."""
        values: dict[str, Any] = {}
        for part in fields(self):
            value = getattr(self, part.name)
            values[part.name] = dict(value) if isinstance(value, Counter) else value
        stored: dict[str, Any] = storable(values | {"warnings": self.all_warnings})
        return stored

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Report":
        """The report that was stored."""
        report = cls()
        for part in fields(cls):
            if part.name not in values:
                continue
            value = values[part.name]
            is_counter = isinstance(getattr(report, part.name), Counter)
            setattr(report, part.name, Counter(value) if is_counter else value)
        made = set(report._about_text())
        report.warnings = [text for text in report.warnings if text not in made]
        return report

    @property
    def all_warnings(self) -> list[str]:
        """All that should be known although nothing is wrong."""
        return [*self.warnings, *self._about_text()]

    def _about_text(self) -> list[str]:
        return [
            f"{count:,} {'value' if count == 1 else 'values'} under “{key}” "
            f"{'is' if count == 1 else 'are'} stored as text because the schema has no such key."
            for key, count in sorted(self.stored_as_text.items())
        ]
