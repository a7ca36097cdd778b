"""The SQL behind marks of derived vectors, and their labels.

Only embeddings.services.vectors writes marks, in the transactions that write the vectors, and holds
the vector sets: whoever reads under that lock which vectors were sent sees all of them.
"""
# ruff: noqa: S608 - what is put into statements is a table name of ours or an integer

from collections.abc import Collection, Iterable

from django.db import connection

from embeddings.choices import Derivation
from embeddings.models import DerivedVector

LABELS = {Derivation.MEAN: "mean of {}", Derivation.MEDOID: "medoid of {}"}


def unmark_staged(table: str, key_ids: Iterable[int]) -> None:
    """Forget that vectors were derived which those of a staging table (key_id, unit_id) replace."""
    for key_id in key_ids:
        _unmark(table, key_id, f"staged.key_id = {int(key_id)}")


def unmark_units(table: str, key_id: int) -> None:
    """The same for a staging table of one key (unit_id)."""
    _unmark(table, key_id, "true")


def unmark(unit_ids: Collection[int], key_ids: Collection[int]) -> None:
    """Forget the marks of vectors that go."""
    # One statement for all keys: there is an index by unit.
    DerivedVector.objects.filter(unit__in=unit_ids, key__in=key_ids).delete()


def marked(unit_ids: Collection[int], key_id: int) -> list[int]:
    """Those of the units whose vector was derived, in ascending order."""
    rows = DerivedVector.objects.filter(key=key_id, unit__in=unit_ids).order_by("unit")
    return list(rows.values_list("unit_id", flat=True))


def drop_imported(table: str, key_id: int) -> int:
    """Take those units out of a staging table whose vector was sent by somebody; returns how many.

    Call it once the vector sets are locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM {table} AS staged USING embeddings_vector v
            WHERE v.key_id = {int(key_id)} AND v.unit_id = staged.unit_id AND NOT EXISTS (
                SELECT FROM embeddings_derivedvector d
                WHERE d.key_id = v.key_id AND d.unit_id = v.unit_id
            )
            """
        )
        return int(cursor.rowcount)


def mark_staged(table: str, key_id: int, method: str, members: dict[int, int]) -> None:
    """Mark the vectors of a staging table as derived; `members` counts them by unit."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO embeddings_derivedvector (key_id, unit_id, method, members, at)
            SELECT {int(key_id)}, staged.unit_id, %s, given.members, now()
            FROM {table} AS staged
            JOIN unnest(%s::bigint[], %s::integer[]) AS given (unit_id, members)
                ON given.unit_id = staged.unit_id
            ON CONFLICT (key_id, unit_id) DO UPDATE
                SET method = excluded.method, members = excluded.members, at = excluded.at
            """,
            [method, list(members), list(members.values())],
        )


def labels(unit_ids: list[int]) -> dict[int, dict[str, str]]:
    """How the derived ones of the units' vectors were made, by unit and key name."""
    marks = DerivedVector.objects.filter(unit__in=unit_ids, key__deleted_at=None)
    found: dict[int, dict[str, str]] = {}
    rows = marks.values_list("unit_id", "key__name", "method", "members", "unit__kind")
    for unit_id, name, method, members, kind in rows:
        found.setdefault(unit_id, {})[name] = label(Derivation(method), members, kind)
    return found


def label(method: Derivation, members: int, kind: str) -> str:
    """ "mean of 37 frames"."""
    noun = "image" if kind == "image_group" else "frame"
    return LABELS[method].format(f"{members:,} {noun}{'' if members == 1 else 's'}")


def _unmark(table: str, key_id: int, condition: str) -> None:
    # Most keys have no marks at all: then the large staging table is not looked at.
    if not DerivedVector.objects.filter(key=key_id).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM embeddings_derivedvector AS mark USING {table} AS staged"
            f" WHERE mark.key_id = {int(key_id)} AND mark.unit_id = staged.unit_id AND {condition}"
        )
