"""What an import did."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.errors import FieldError, InvalidInput
from core.models import Job
from folders.constants import MAX_REPORTED_ERRORS
from folders.models import Item


@dataclass(slots=True)
class ImportReport:
    """The items that were written, and how many frames and vectors with them.

    `vectors` and `removed` count by embedding key; `stored_as_text` counts, by key, the lists of
    numbers whose key is not in the schema.
    """

    items: list[Item] = field(default_factory=list)
    frames: int = 0
    vectors: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    stored_as_text: Counter[str] = field(default_factory=Counter)
    job: Job | None = None

    def as_dict(self) -> dict[str, Any]:
        """The report as it is sent over the wire."""
        return {
            "items": len(self.items),
            "frames": self.frames,
            "vectors": dict(self.vectors),
            "removed": dict(self.removed),
            "stored_as_text": dict(self.stored_as_text),
            "job": str(self.job.pk) if self.job else None,
        }

    @property
    def warnings(self) -> list[str]:
        """What the user should know although nothing is wrong."""
        return [
            f"{count:,} values under “{key}” were stored as text"
            " because the schema has no such key."
            for key, count in sorted(self.stored_as_text.items())
        ]


def raise_errors(errors: Iterable[FieldError]) -> None:
    """Raise InvalidInput if there are errors; no more than a person can use are sent along."""
    found = list(errors)
    if not found:
        return
    what = "1 value is not valid." if len(found) == 1 else f"{len(found):,} values are not valid."
    raise InvalidInput(
        f"{what} Nothing was imported.",
        code="invalid_import",
        errors=found[:MAX_REPORTED_ERRORS],
        extra={"error_count": len(found)},
    )
