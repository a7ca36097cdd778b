"""Similarity search within filters: kinds of fields, shares, masks kept and not, correlation."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.filled import Tree, fill, tenths
from benchmarks.measure import Comparison, Series, side_by_side
from benchmarks.report import as_json, table
from benchmarks.samples import Floats, shaken
from benchmarks.searched import PAGE, Place, searched_place
from embeddings.search.masks import MASKS
from folders.filters import parse, units

_SHARES = (100, 50, 10, 1, 0.1)


def add_arguments(parser: ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--vectors", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each vector (512)")
    parser.add_argument("--queries", type=int, default=10, help="searches of each sort (10)")
    parser.add_argument("--source", type=Path, help="a file of numpy with real vectors")


def run(arguments: Namespace) -> dict[str, Any]:
    """Fill in metadata, then search within each filter."""
    place = searched_place(arguments.source, arguments.vectors, arguments.dimensions)
    asked = shaken(place.vectors, arguments.queries)
    fill(place, asked[0])
    # All near one another, so that what correlates with the distance to one does so for all.
    near = _around(asked[0], arguments.queries)
    comparisons = [
        _shares(place, asked, "score", "independent of the distance"),
        _shares(place, near, "nearness", "the nearest are kept"),
        _shares(place, near, "nearness", "the farthest are kept", farthest=True),
        *_fields(place, asked),
    ]
    return {
        "sizes": {
            "vectors": len(place.vectors),
            "dimensions": place.vectors.shape[1],
            "queries": len(asked),
        },
        "comparisons": as_json(comparisons),
    }


def report(result: dict[str, Any]) -> str:
    """One line for each filter."""
    return table(result)


def _shares(
    place: Place, asked: Floats, field: str, how: str, *, farthest: bool = False
) -> Comparison:
    """A number leaves a share of the units; the mask is kept from the search before."""
    contenders: dict[str, Callable[[Floats], object]] = {}
    for share in _SHARES:
        op, value = (">=", 100 - share) if farthest else ("<=", share)
        tree = {"field": f"metadata.{field}", "op": {">=": "gte", "<=": "lte"}[op], "value": value}
        for engine in ("scan", "postgres"):
            contenders[f"{engine}, {share:g} %"] = _finder(place, tree, engine)
    series = _measured(contenders, asked)
    return Comparison(f"First page within a filter, {how}", series, "postgres, 100 %")


def _fields(place: Place, asked: Floats) -> list[Comparison]:
    """Each kind of field leaves a tenth."""
    fields = tenths(place)
    kept = {name: _finder(place, tree, "scan") for name, tree in fields.items()}
    cold = {name: _forgetful(find) for name, find in kept.items()}
    return [
        Comparison("A tenth by each kind of field, mask kept", _measured(kept, asked), "number"),
        Comparison("A tenth by each kind of field, mask cold", _measured(cold, asked), "number"),
    ]


def _measured(contenders: Mapping[str, Callable[[Floats], object]], asked: Floats) -> list[Series]:
    for find in contenders.values():
        find(asked[0])
    return side_by_side(contenders, asked)


def _finder(place: Place, tree: Tree, engine: str) -> Callable[[Floats], list[int]]:
    actor, root = place.world.actor, place.world.root
    node = parse(tree)

    def find(query: Floats) -> list[int]:
        matching = units(actor, root, node)
        found = place.first_page(query, engine=engine, units=matching)
        if len(found) != min(PAGE, matching.count() if len(found) < PAGE else PAGE):
            raise RuntimeError(f"{engine} lost rows within {tree}.")
        return found

    return find


def _forgetful(find: Callable[[Floats], object]) -> Callable[[Floats], None]:
    def found(query: Floats) -> None:
        MASKS.forget()
        find(query)

    return found


def _around(query: Floats, count: int) -> Floats:
    """A query and others close to it."""
    generator = np.random.default_rng(11)
    noise = generator.standard_normal((count, len(query))) * (0.03 / np.sqrt(len(query)))
    noise[0] = 0
    moved: Floats = (query + noise).astype(np.float32)
    return moved
