"""Sidecar files: metadata of one item in a JSON file beside it.

A sidecar is named after its item, `owl.jpg.metadata.json`, or after its item's stem,
`owl.metadata.json`. The file's one JSON object is laid over the item's metadata.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from folders.choices import FolderRole
from folders.models import Folder, Item
from folders.permissions import require_role
from folders.services.imports import MetadataChange, update_metadata

SUFFIX = ".metadata.json"
MAX_SIDECARS = 200


@dataclass(frozen=True, slots=True)
class Sidecar:
    """One file: its name, what it holds, and its item where the caller knows it."""

    file: str
    metadata: Any
    item: UUID | None = None


@dataclass(slots=True)
class SidecarOutcome:
    """What became of one file; without errors it was applied."""

    file: str
    item: UUID | None = None
    errors: list[FieldError] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as it is sent over the wire."""
        item = str(self.item) if self.item else None
        errors = [error.as_dict() for error in self.errors]
        return {"file": self.file, "item": item, "errors": errors}


def apply_sidecars(
    *, actor: Actor, folder: Folder, sidecars: Sequence[Sidecar]
) -> list[SidecarOutcome]:
    """Lay the metadata of each file over its item's; a wrong file does not keep the others.

    Returns:
        One outcome for each file, in their order.

    Raises:
        InvalidInput: there are more than MAX_SIDECARS.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    if len(sidecars) > MAX_SIDECARS:
        raise InvalidInput(f"At most {MAX_SIDECARS} sidecar files can be sent at once.")
    outcomes = [SidecarOutcome(sidecar.file, sidecar.item) for sidecar in sidecars]
    changes: dict[int, MetadataChange] = {}
    for place, sidecar in enumerate(sidecars):
        outcome = outcomes[place]
        if outcome.item is None:
            _find_item(folder, outcome)
        if outcome.item is not None:
            path = f"sidecars.{place}"
            changes[place] = MetadataChange(outcome.item, sidecar.metadata, path=path)
    _write(actor, changes, outcomes)
    return outcomes


def _find_item(folder: Folder, outcome: SidecarOutcome) -> None:
    """Look for the one item that the file is named after."""
    name = outcome.file.removesuffix(SUFFIX)
    here = Item.objects.filter(folder=folder)
    found = list(here.filter(name=name).values_list("pk", flat=True)[:2])
    if not found:
        alike = here.filter(name__startswith=f"{name}.").values_list("pk", "name")
        found = [pk for pk, other in alike if other.rpartition(".")[0] == name]
    if len(found) == 1:
        outcome.item = found[0]
        return
    message = f"No item here is named “{name}”."
    if found:
        message = f"More than one item here is named “{name}”."
    outcome.errors.append(FieldError("item", message, "ambiguous" if found else "not_found"))


def _write(
    actor: Actor, changes: dict[int, MetadataChange], outcomes: list[SidecarOutcome]
) -> None:
    """Write what is right: all together, and once more without what was found wrong."""
    while changes:
        try:
            update_metadata(actor=actor, changes=list(changes.values()), merge=True)
        except InvalidInput as error:
            wrong = _note_errors(error, outcomes)
            if not wrong & changes.keys():
                raise
            for place in wrong:
                changes.pop(place, None)
        else:
            return


def _note_errors(error: InvalidInput, outcomes: list[SidecarOutcome]) -> set[int]:
    """Give each error to its file; the places of the files that have some."""
    wrong = set()
    for one in error.errors:
        head, _, rest = one.path.partition(".")
        place, _, path = rest.partition(".")
        if head != "sidecars" or not place.isdigit():
            continue
        wrong.add(int(place))
        path = path.removeprefix("metadata").removeprefix(".")
        outcomes[int(place)].errors.append(
            FieldError(path, one.message, one.code, one.expected, one.found)
        )
    return wrong
