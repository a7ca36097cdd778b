"""Counts of all values of an indexed key in a root folder, in index order.

A plain GROUP BY walks the index and puts each row into its group. But each group is a stretch of
the index: the stretches are counted one by one, which measured about half the time at a million
units. Where other conditions hold, the units that meet them are known as bits; see unit_bits.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from django.db import connection

from explorer.unit_bits import UnitBits
from folders.models import Folder, MetadataKey

# Values that do not belong to their enum may be many; each costs a look-up in the index.
MAX_WORDS = 1000

# The order names all columns of the index before the word, null as they are: it leads to the index.
_WORDS = """
    WITH RECURSIVE
    entry AS NOT MATERIALIZED (
        SELECT number, moment, word FROM folders_indexedvalue
        WHERE key_id = %(key)s AND root_id = %(root)s AND number IS NULL AND moment IS NULL
              AND word IS NOT NULL
    ),
    known AS (
        (SELECT word, 1 AS place FROM entry ORDER BY number, moment, word LIMIT 1)
        UNION ALL
        SELECT following.word, known.place + 1
        FROM known CROSS JOIN LATERAL (
            SELECT word FROM entry WHERE word > known.word ORDER BY number, moment, word LIMIT 1
        ) following
        WHERE known.place <= %(limit)s
    )
    SELECT word FROM known
"""
_WORD_COUNTS = """
    SELECT wanted.word, (
        SELECT count(*) FROM folders_indexedvalue v
        WHERE key_id = %s AND root_id = %s AND number IS NULL AND moment IS NULL
              AND v.word = wanted.word {within}
    )
    FROM unnest(%s::text[]) AS wanted (word)
"""
_ENDS = """
    SELECT min(number), max(number) FROM folders_indexedvalue
    WHERE key_id = %s AND root_id = %s AND number IS NOT NULL {within}
"""
_BIN_COUNTS = """
    SELECT (
        SELECT count(*) FROM folders_indexedvalue
        WHERE key_id = %s AND root_id = %s AND number >= bin.low AND number < bin.high {within}
    )
    FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS bin (low, high, place)
    ORDER BY place
"""


def word_counts(
    key: MetadataKey, root: Folder, within: UnitBits | None = None
) -> dict[str, int] | None:
    """Units by their value under an indexed enum or boolean key, most frequent first.

    Args:
        key: the key.
        root: the root folder.
        within: only these units are counted; all without.

    Returns:
        None when there are more than MAX_WORDS values: grouping is quicker then.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, {"key": key.pk, "root": root.pk, "limit": MAX_WORDS})
        words = [word for (word,) in cursor.fetchall()]
        if len(words) > MAX_WORDS:
            return None
        condition, values = _condition(within)
        statement = _WORD_COUNTS.format(within=condition)
        cursor.execute(statement, [key.pk, root.pk, *values, words])
        counted: list[tuple[str, int]] = cursor.fetchall()
    # Words that went away between the statements count nothing.
    counted = [(word, count) for word, count in counted if count]
    return dict(sorted(counted, key=lambda one: (-one[1], one[0])))


def number_counts(
    key: MetadataKey, root: Folder, bins: int, within: UnitBits | None = None
) -> tuple[float, float, list[int]] | None:
    """Least and greatest value under an indexed number key, and the counts of equal bins between.

    The last bin holds the greatest value. What is written meanwhile beyond the ends is counted in
    the outermost bins.

    Args:
        key: the key.
        root: the root folder.
        bins: how many.
        within: only these units are counted; all without.

    Returns:
        None when no unit has a value.
    """
    condition, values = _condition(within)
    place = [key.pk, root.pk, *values]
    with connection.cursor() as cursor:
        cursor.execute(_ENDS.format(within=condition), place)
        low, high = cursor.fetchone()
        if low is None:
            return None
        edges = [float("-inf"), *_inner_edges(low, high, bins), float("inf")]
        lows, highs = zip(*pairwise(edges), strict=True)
        statement = _BIN_COUNTS.format(within=condition)
        cursor.execute(statement, [*place, list(lows), list(highs)])
        return low, high, [count for (count,) in cursor.fetchall()]


def _condition(within: UnitBits | None) -> tuple[str, list[Any]]:
    return within.condition() if within is not None else ("", [])


def _inner_edges(low: float, high: float, bins: int) -> Sequence[float]:
    """Where the bins meet, ascending; all above the value when there is but one.

    Each end is weighed by itself: the span of two finite numbers may be infinite.
    """
    if low == high:
        return [float("inf")] * (bins - 1)
    shares = [place / bins for place in range(1, bins)]
    return list(accumulate((low * (1 - share) + high * share for share in shares), max))
