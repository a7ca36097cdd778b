"""The filter rail as the page draws it: controls, their present values, and counts once known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from explorer.bars import Bar, bars_of
from explorer.conjuncts import Tree
from explorer.constants import VALUES_SHOWN
from explorer.controls import Control, Option, Section
from explorer.facets import Facet
from explorer.readings import Reading, read


@dataclass(frozen=True, slots=True)
class Row:
    """One check box: `count` and `percent` (width of the bar) are None until counted."""

    option: Option
    checked: bool
    count: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One control of the rail."""

    control: Control
    reading: Reading
    facet: Facet | None = None
    rows: tuple[Row, ...] = ()
    more: tuple[Row, ...] = ()
    bars: tuple[Bar, ...] = ()

    @property
    def low(self) -> float | None:
        """The lower end as the slider shows it."""
        least = self.facet.histogram.low if self.facet and self.facet.histogram else None
        return self.reading.low if self.reading.low is not None else least

    @property
    def high(self) -> float | None:
        """The upper end as the slider shows it."""
        most = self.facet.histogram.high if self.facet and self.facet.histogram else None
        return self.reading.high if self.reading.high is not None else most


@dataclass(frozen=True, slots=True)
class RailSection:
    """A heading of the rail with its controls; `active` of them limit what is shown."""

    title: Section
    blocks: tuple[Block, ...]
    active: int


def rail_sections(
    controls: Iterable[Control], tree: Tree | None, counted: Mapping[str, Facet] | None = None
) -> list[RailSection]:
    """The rail for a filter; `counted` are the facets, None while they are not known."""
    blocks = [_block(control, tree, counted) for control in controls]
    sections = []
    for title, found in groupby(blocks, key=lambda block: block.control.section):
        members = tuple(found)
        active = sum(block.reading.is_set for block in members)
        sections.append(RailSection(title, members, active))
    return sections


def _block(control: Control, tree: Tree | None, counted: Mapping[str, Facet] | None) -> Block:
    reading = read(control, tree)
    facet = counted.get(control.field) if counted is not None else None
    rows = _rows(control, reading, facet)
    shown = [row for place, row in enumerate(rows) if place < VALUES_SHOWN or row.checked]
    more = [row for place, row in enumerate(rows) if place >= VALUES_SHOWN and not row.checked]
    bars: tuple[Bar, ...] = ()
    if facet and facet.histogram:
        edges, counts = facet.histogram.edges, facet.histogram.counts
        bars = bars_of(edges, counts, low=reading.low, high=reading.high, height=48)
    return Block(control, reading, facet, tuple(shown), tuple(more), bars)


def _rows(control: Control, reading: Reading, facet: Facet | None) -> list[Row]:
    if facet is None or facet.counts is None:
        return [Row(option, option.value in reading.values) for option in control.options]
    counts = facet.counts
    most = max(counts.values(), default=0)
    rows = [
        Row(
            option=option,
            checked=option.value in reading.values,
            count=counts.get(option.value, 0),
            percent=round(100 * counts.get(option.value, 0) / most, 1) if most else 0,
        )
        for option in control.options
    ]
    if control.field == "kind":
        rows = [row for row in rows if row.count or row.checked]
    # Folders keep the order of their tree.
    return rows if control.field == "folder" else sorted(rows, key=lambda row: -(row.count or 0))
