"""Folders by their paths, as a dropped directory names them: found, or made where they lack."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from folders.choices import FolderRole
from folders.constants import MAX_FOLDER_DEPTH
from folders.models import Folder
from folders.names import clean_name
from folders.permissions import require_role
from folders.services.folders import create_folder

MAX_PATHS = 1000

Names = tuple[str, ...]


@transaction.atomic
def ensure_folders(*, actor: Actor, folder: Folder, paths: Iterable[str]) -> dict[str, Folder]:
    """The folder at each path below the given one; those that do not exist are made.

    Names of folders need not be unique: of two of one name the older is taken.

    Args:
        actor: edits the folder.
        folder: where the paths begin.
        paths: names joined by slashes, as "2026/October"; at most MAX_PATHS.

    Raises:
        InvalidInput: naming the paths that cannot be used; nothing is made.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    wanted = _parse(list(dict.fromkeys(paths)), folder)
    _lock(folder.pk)
    found: dict[Names, Folder] = {(): folder}
    deepest = max((len(names) for names in wanted.values()), default=0)
    for depth in range(1, deepest + 1):
        level = {names[:depth] for names in wanted.values() if len(names) >= depth}
        found |= _existing(actor, found, level)
        for names in sorted(level - found.keys()):
            parent = found[names[:-1]]
            found[names] = create_folder(actor=actor, name=names[-1], parent=parent)
    return {path: found[names] for path, names in wanted.items()}


def _parse(paths: list[str], folder: Folder) -> dict[str, Names]:
    """The names of each path; raises InvalidInput for all that are wrong together."""
    if len(paths) > MAX_PATHS:
        raise InvalidInput(f"At most {MAX_PATHS:,} paths can be named at once.")
    parsed: dict[str, Names] = {}
    errors: list[FieldError] = []
    for place, path in enumerate(paths):
        try:
            parsed[path] = _names(path, f"paths.{place}")
        except InvalidInput as error:
            errors += error.errors
            continue
        if folder.depth + len(parsed[path]) >= MAX_FOLDER_DEPTH:
            message = f"Folders can be nested {MAX_FOLDER_DEPTH} deep, no deeper."
            errors.append(FieldError(f"paths.{place}", message, "too_deep", found=path[:80]))
    if errors:
        raise InvalidInput(errors[0].message, errors=errors)
    return parsed


def _names(path: str, place: str) -> Names:
    names = tuple(clean_name(name, path=place) for name in path.split("/"))
    if {".", ".."} & set(names):
        wrong = FieldError(place, "A path holds names of folders only.", found=path[:80])
        raise InvalidInput(wrong.message, errors=[wrong])
    return names


def _existing(actor: Actor, parents: dict[Names, Folder], level: set[Names]) -> dict[Names, Folder]:
    """The folders of a level that exist, from one query."""
    by_id: dict[UUID | None, Names] = {parents[names[:-1]].pk: names[:-1] for names in level}
    rows = Folder.objects.visible_to(actor).filter(
        parent__in=by_id, name__in={names[-1] for names in level}
    )
    found: dict[Names, Folder] = {}
    for row in rows.select_related("root").order_by("created_at", "pk"):
        names = (*by_id[row.parent_id], row.name)
        if names in level:
            found.setdefault(names, row)
    return found


def _lock(folder_id: UUID) -> None:
    """Let two uploads of the same directory, one after the other, use the same folders."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"folders.paths:{folder_id}"]
        )
