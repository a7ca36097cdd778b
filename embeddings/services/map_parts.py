"""Keeps the parts of a map's payload: made once, gone with the stretch of points they hold."""

from hashlib import blake2b

from accounts.actor import Actor
from embeddings.maps.parts import encode_part, spans
from embeddings.models import MapPart, MapSeen, Reduction, ReductionPoint


def make_parts(reduction: Reduction) -> None:
    """Make what a finished map lacks of its parts.

    Called in the transaction that changes the map, and by whoever looks at one without parts. Two
    at once are no harm: points of a stretch only ever go, so that either part holds all there are.
    """
    known = set(reduction.parts.values_list("first", "end"))
    for first, end in spans(reduction):
        if (first, end) not in known:
            _make(reduction, first, end)


def renew_parts(reduction: Reduction) -> None:
    """As make_parts, after stretches were joined: call where the map is held."""
    present = spans(reduction)
    for part in reduction.parts.only("first", "end"):
        if (part.first, part.end) not in present:
            part.delete()
    make_parts(reduction)


def mark_seen(*, actor: Actor, reduction: Reduction, ordinal: int) -> int:
    """Note that a person has seen all points below an ordinal; returns up to which he has.

    What he has seen once is not new again, and no map has more points than it has ordinals.
    """
    last = reduction.segments[-1] if reduction.segments else 0
    seen = min(ordinal, last)
    row, made = MapSeen.objects.get_or_create(
        reduction=reduction, user=actor.user, defaults={"ordinal": seen}
    )
    if not made and row.ordinal < seen:
        row.ordinal = seen
        row.save(update_fields=["ordinal", "updated_at"])
    return row.ordinal


def _make(reduction: Reduction, first: int, end: int) -> None:
    count, data = encode_part(
        ReductionPoint.objects.filter(reduction=reduction, ordinal__gte=first, ordinal__lt=end)
    )
    part = MapPart(reduction=reduction, first=first, end=end, count=count, data=data)
    part.digest = blake2b(data, digest_size=16).hexdigest()
    MapPart.objects.bulk_create([part], ignore_conflicts=True)
