"""How a video, sequence or group has vectors: its own, sent or derived, or those of its frames."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from embeddings.models import Vector
from embeddings.services.derived_rows import labels
from folders.choices import UnitKind
from folders.models import MetadataKey, Unit

WHOLES = (UnitKind.VIDEO, UnitKind.IMAGE_SEQUENCE, UnitKind.IMAGE_GROUP)

# Frames and parts that are counted of one whole; a page of long videos must stay quick.
MAX_COUNTED = 1000

_MEMBERS = """
SELECT whole.id, (
    SELECT count(*) FROM (
        SELECT FROM folders_unit member
        JOIN embeddings_vector v ON v.key_id = {key_id} AND v.unit_id = member.id
        WHERE member.item_id = whole.item_id AND member.frame IS NOT NULL
        LIMIT {most}
    ) AS frames
) + (
    SELECT count(*) FROM (
        SELECT FROM folders_item part
        JOIN folders_unit member ON member.item_id = part.id AND member.frame IS NULL
        JOIN embeddings_vector v ON v.key_id = {key_id} AND v.unit_id = member.id
        WHERE part.parent_id = whole.item_id
        LIMIT {most}
    ) AS parts
)
FROM folders_unit whole WHERE whole.id = ANY (%s::bigint[]) AND whole.frame IS NULL
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one whole has under one key.

    Attributes:
        own: whether it has a vector itself.
        derived: how that was made, as "mean of 37 frames"; empty when somebody sent it.
        members: of how many frames or parts there is one, up to MAX_COUNTED + 1.
        noun: what these are called.
    """

    own: bool = False
    derived: str = ""
    members: int = 0
    noun: str = "frame"

    @property
    def counted(self) -> str:
        """ "37 frames"."""
        number = f"{self.members:,}" if self.members <= MAX_COUNTED else f"{MAX_COUNTED:,}+"
        return f"{number} {self.noun}{'' if self.members == 1 else 's'}"

    @property
    def badge(self) -> str:
        """In a word or two; empty without any vector."""
        if self.own:
            return self.derived or "own"
        return f"on {self.counted}" if self.members else ""

    @property
    def sentence(self) -> str:
        """The same as a sentence."""
        verb = "has" if self.members == 1 else "have"
        if not self.own:
            return f"{self.counted} {verb} a vector" if self.members else ""
        own = f"Derived vector: {self.derived}" if self.derived else "Has a vector of its own"
        return f"{own}; {self.counted} {verb} one" if self.members else own


def holdings(unit_ids: Sequence[int], key: MetadataKey) -> dict[int, Holding]:
    """What each of the units of wholes has under a key; three queries for any number of them."""
    wholes = Unit.objects.filter(pk__in=unit_ids, kind__in=WHOLES)
    kinds = dict(wholes.values_list("pk", "kind"))
    if not kinds:
        return {}
    ids = list(kinds)
    vectors = Vector.objects.filter(key_id=key.pk, unit_id__in=ids)
    own = set(vectors.values_list("unit_id", flat=True))
    made = labels(ids)
    counts = _count_members(ids, key)
    return {
        unit: Holding(
            own=unit in own,
            derived=made.get(unit, {}).get(key.name, ""),
            members=counts.get(unit, 0),
            noun="image" if kind == UnitKind.IMAGE_GROUP else "frame",
        )
        for unit, kind in kinds.items()
    }


def holdings_of(unit_id: int) -> dict[str, Holding]:
    """What one whole has under each live key, by the key's name; keys without any left out."""
    organisation = Unit.objects.filter(pk=unit_id).values("root__organisation")
    keys = MetadataKey.objects.live().embeddings().filter(organisation__in=organisation)
    found = {key.name: holdings([unit_id], key).get(unit_id) for key in keys.order_by("name")}
    return {name: held for name, held in found.items() if held is not None and held.badge}


def _count_members(unit_ids: list[int], key: MetadataKey) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS.format(key_id=int(key.pk), most=MAX_COUNTED + 1), [unit_ids])
        return dict(cursor.fetchall())
