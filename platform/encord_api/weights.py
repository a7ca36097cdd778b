"""How much the metadata of items takes when it is told with all vectors.

A video may have a hundred thousand frames with a vector each. Pages are cut short where their
vectors would take too much; the SDK asks for the rest by itself.
"""

from collections.abc import Sequence

from django.db.models import Count

from embeddings.models import Vector
from folders.constants import OPEN_EMBEDDING_SIZE
from folders.models import Item, MetadataKey, Unit

# Numbers in one answer: some 50 MB of JSON, and 100 MB while it is made.
PAGE_NUMBERS = 2_500_000
# Of one item, which cannot be cut: ten thousand frames of 512. Beyond, it is told without.
ITEM_NUMBERS = 5_000_000


def told_numbers(items: Sequence[Item]) -> list[int]:
    """How many numbers the vectors of each item may have; none of those that are told without."""
    if not items:
        return []
    visible = MetadataKey.objects.live().embeddings()
    keys = list(visible.filter(organisation=items[0].organisation_id))
    largest = max((key.dimensions or 0 for key in keys), default=0) or OPEN_EMBEDDING_SIZE
    units = Unit.objects.filter(item__in=items).order_by().values_list("item")
    counts = dict(units.annotate(Count("pk")))
    told = []
    for item in items:
        number = counts.get(item.pk, 0) * largest
        if number > ITEM_NUMBERS:
            # Few items are so large that it takes an exact look.
            number = _exact(item, keys) + counts[item.pk]
        told.append(number if number <= ITEM_NUMBERS else 0)
    return told


def _exact(item: Item, keys: Sequence[MetadataKey]) -> int:
    """How many numbers the vectors of the item and its frames have."""
    units = Unit.objects.filter(item=item).values("pk")
    return sum(
        (key.dimensions or 0) * Vector.objects.filter(key_id=key.pk, unit_id__in=units).count()
        for key in keys
    )


def fitting(items: Sequence[Item]) -> int:
    """How many of the items, from the first on, make one answer; one at least."""
    total = 0
    for place, number in enumerate(told_numbers(items)):
        total += number
        if total > PAGE_NUMBERS and place:
            return place
    return len(items)
