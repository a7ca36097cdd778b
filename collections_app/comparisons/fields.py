"""How fields are compared: numbers by bins and means, words by counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import F

from accounts.actor import Actor
from collections_app.comparisons.counting import (
    Field,
    Seconds,
    Span,
    bin_counts,
    moments_of,
    valued,
    word_counts,
)
from collections_app.comparisons.difference import Difference, Group, Part
from collections_app.comparisons.effects import Effect, cohens_d, cohens_h, cramers_v
from folders.choices import KeyType, UnitKind
from folders.filters.typed_values import metadata_value
from folders.models import MetadataKey
from folders.querysets import UnitQuerySet

# Enough to see a shape, few enough for bars of some pixels on a phone.
BINS = 20
# Texts with more values than that are names, not categories.
MAX_WORDS = 256

Sides = tuple[UnitQuerySet, UnitQuerySet]
Sizes = tuple[int, int]

_COMPARED = (KeyType.NUMBER, KeyType.DATETIME, KeyType.BOOLEAN, KeyType.ENUM, KeyType.VARCHAR)
_COLUMNS = ("width", "height", "size", "duration")


def comparers(actor: Actor) -> "Iterator[Comparer]":
    """One for each field: the schema's keys, then what items know of themselves."""
    keys = MetadataKey.objects.visible_to(actor).live().filter(type__in=_COMPARED)
    for key in keys.order_by("name"):
        yield _of_key(key)
    yield Words("kind", "kind", "kind", F("kind"), label_of=lambda kind: UnitKind(kind).label)
    for column in _COLUMNS:
        yield Numbers(column, column, "number", F(f"item__{column}"))


@dataclass(frozen=True, slots=True)
class Numbers:
    """A field of numbers, or of moments in seconds since 1970."""

    field: str
    label: str
    type: str
    value: Field

    def __call__(self, sides: Sides, sizes: Sizes) -> Difference:
        """Compare the means, and count both sides in the same bins."""
        (a, span_a), (b, span_b) = (moments_of(side, self.value) for side in sides)
        return Difference(
            field=self.field,
            label=self.label,
            type=self.type,
            a=Group(a.count, sizes[0]),
            b=Group(b.count, sizes[1]),
            parts=self._bins(sides, _around(span_a, span_b)),
            effect=cohens_d(a, b),
        )

    def _bins(self, sides: Sides, span: Span | None) -> tuple[Part, ...]:
        if span is None:
            return ()
        edges = span.edges(BINS)
        in_a, in_b = (bin_counts(side, self.value, span, BINS) for side in sides)
        ends = zip(edges[:-1], edges[1:], in_a, in_b, strict=True)
        return tuple(Part("", a, b, low, high) for low, high, a, b in ends)


@dataclass(frozen=True, slots=True)
class Words:
    """A field of categories; of two, true and false, the shares of true are compared."""

    field: str
    label: str
    type: str
    value: Field
    label_of: Callable[[str], str] = str

    def __call__(self, sides: Sides, sizes: Sizes) -> Difference:
        """Compare the shares of the values."""
        a, b = (word_counts(side, self.value, MAX_WORDS + 1) for side in sides)
        if max(len(a), len(b)) > MAX_WORDS:
            with_value = tuple(valued(side, self.value) for side in sides)
            reason = f"More than {MAX_WORDS} different values."
            return self._difference(with_value, sizes, (), None, reason)
        with_value = sum(a.values()), sum(b.values())
        ordered = sorted({*a, *b}, key=lambda word: (-_apart(word, a, b), word))
        parts = tuple(Part(self.label_of(w), a.get(w, 0), b.get(w, 0)) for w in ordered)
        return self._difference(with_value, sizes, parts, self._effect(a, b))

    def _effect(self, a: dict[str, int], b: dict[str, int]) -> Effect | None:
        if self.type != KeyType.BOOLEAN.label:
            return cramers_v(a, b)
        if not a or not b:
            return None
        return cohens_h(*(side.get("true", 0) / sum(side.values()) for side in (a, b)))

    def _difference(
        self,
        with_value: tuple[int, ...],
        sizes: Sizes,
        parts: tuple[Part, ...],
        effect: Effect | None,
        reason: str = "",
    ) -> Difference:
        a, b = (Group(n, size) for n, size in zip(with_value, sizes, strict=True))
        return Difference(self.field, self.label, self.type, a, b, parts, effect, reason)


Comparer = Numbers | Words


def _of_key(key: MetadataKey) -> Comparer:
    named = (f"metadata.{key.name}", key.name, str(KeyType(key.type).label))
    match key.type:
        case KeyType.NUMBER:
            return Numbers(*named, metadata_value(key))
        case KeyType.DATETIME:
            return Numbers(*named, Seconds(metadata_value(key)))
    return Words(*named, metadata_value(key))


def _around(a: Span | None, b: Span | None) -> Span | None:
    spans = [span for span in (a, b) if span is not None]
    if not spans:
        return None
    return Span(min(span.low for span in spans), max(span.high for span in spans))


def _apart(word: str, a: dict[str, int], b: dict[str, int]) -> float:
    """How far the shares of a value differ."""
    return abs(a.get(word, 0) / max(sum(a.values()), 1) - b.get(word, 0) / max(sum(b.values()), 1))
