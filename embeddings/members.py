"""Which vectors a video, sequence or group is made of: those of its frames or of its parts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.copying import read_records
from embeddings.derivation import Blocks, Rows
from embeddings.matrix import read_some
from folders.models import Folder, MetadataKey

# Vectors that are in memory at once.
_BLOCK_BYTES = 32 * 1024 * 1024

# Frames first, then parts of groups. The folders' paths cut to what lies below one of them.
_MEMBERS = """
SELECT whole.id, member.id, member.frame
FROM embeddings_vector v
JOIN folders_unit member ON member.id = v.unit_id AND member.frame IS NOT NULL
JOIN folders_unit whole ON whole.item_id = member.item_id AND whole.frame IS NULL
JOIN folders_folder folder ON folder.id = whole.folder_id
WHERE v.key_id = %s AND v.root_id = %s
  AND folder.path LIKE %s AND folder.deleted_at IS NULL
UNION ALL
SELECT whole.id, member.id, part.position
FROM embeddings_vector v
JOIN folders_unit member ON member.id = v.unit_id AND member.frame IS NULL
JOIN folders_item part ON part.id = member.item_id AND part.parent_id IS NOT NULL
JOIN folders_unit whole ON whole.item_id = part.parent_id AND whole.frame IS NULL
JOIN folders_folder folder ON folder.id = whole.folder_id
WHERE v.key_id = %s AND v.root_id = %s
  AND folder.path LIKE %s AND folder.deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Members:
    """Units with a vector of one key, by the unit of the whole that they belong to.

    Attributes:
        wholes: ids of wholes, shape (w,), ascending.
        begins: where the members of each begin, shape (w + 1,), the end of the last included.
        units: ids of members in the order of frames or parts, shape (n,).
    """

    wholes: NDArray[np.int64]
    begins: NDArray[np.int64]
    units: NDArray[np.int64]


def read_members(*, folder: Folder, key: MetadataKey) -> Members:
    """The members in a folder and below it; memory holds their ids, some 40 bytes each."""
    parameters = [key.pk, folder.root_id, f"{folder.path}%"]
    columns = [("whole", "i8"), ("unit", "i8"), ("place", "i4")]
    rows = read_records(_MEMBERS, [*parameters, *parameters], columns)
    rows = rows[np.lexsort((rows["place"], rows["whole"]))]
    wholes, begins = np.unique(rows["whole"].astype(np.int64), return_index=True)
    return Members(
        wholes=wholes,
        begins=np.append(begins, len(rows)).astype(np.int64),
        units=rows["unit"].astype(np.int64),
    )


def vectors_of(members: Members, key: MetadataKey) -> Iterator[tuple[int, int, Blocks]]:
    """For each whole: its unit, how many members it has, and their vectors in blocks of rows.

    Several small wholes are read at once; one that is larger than a block, block by block, as often
    as somebody goes through it. Vectors that were deleted meanwhile are left out.
    """
    limit = max(1, _BLOCK_BYTES // (4 * (key.dimensions or 1)))
    begins = members.begins
    place = 0
    while place < len(members.wholes):
        # As many whole ones as fit, at least one.
        last = int(np.searchsorted(begins, begins[place] + limit, side="right")) - 1
        last = min(max(last, place + 1), len(members.wholes))
        if begins[last] - begins[place] > limit:
            units = members.units[begins[place] : begins[last]]
            yield int(members.wholes[place]), len(units), _blocks(key, units, limit)
        else:
            yield from _together(members, key, place, last)
        place = last


def _together(
    members: Members, key: MetadataKey, first: int, last: int
) -> Iterator[tuple[int, int, Blocks]]:
    begin = members.begins[first]
    seen, values = read_some(key=key, unit_ids=members.units[begin : members.begins[last]])
    for place in range(first, last):
        own = slice(members.begins[place] - begin, members.begins[place + 1] - begin)
        rows = values[own][seen[own]]
        yield int(members.wholes[place]), len(seen[own]), _one_block(rows)


def _one_block(rows: Rows) -> Blocks:
    return lambda: (rows,)


def _blocks(key: MetadataKey, units: NDArray[np.int64], limit: int) -> Blocks:
    def blocks() -> Iterator[Rows]:
        for start in range(0, len(units), limit):
            seen, values = read_some(key=key, unit_ids=units[start : start + limit])
            yield values[seen]

    return blocks
