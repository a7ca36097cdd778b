"""What a browser loads of a map, and how long the server takes for it."""

import time
from argparse import ArgumentParser, Namespace
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from benchmarks.memory import PeakMemory
from benchmarks.world import World, add_many_images, new_world
from embeddings.choices import ReductionMethod, ReductionState
from embeddings.models import Reduction
from embeddings.reductions.placing import Places
from embeddings.services.map_parts import make_parts, renew_parts
from embeddings.services.points import add_placed_points, forget_points, replace_points
from folders import filters
from folders.choices import KeyType
from folders.services.schema import add_key

_FILTER = {"field": "name", "op": "contains", "value": "77"}
_POLLS = 20


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--map-points", type=int, default=1_000_000, help="laid out (1000000)")
    parser.add_argument("--map-placed", type=int, default=1000, help="placed, and deleted (1000)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Load a map, have points placed and deleted, filter it."""
    laid_out, placed = arguments.map_points, arguments.map_placed
    world = new_world("Map payload")
    units = add_many_images(world, laid_out + placed)
    reduction = laid_out_map(world, units[:laid_out])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE folders_unit, folders_item, embeddings_reductionpoint")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(world.actor.user)
    browser = _Browser(client, f"/api/v1/maps/{reduction.pk}/")
    with PeakMemory() as memory:
        begin = time.perf_counter()
        make_parts(reduction)
        rows = [{"what": "make the base, once", "seconds": time.perf_counter() - begin}]
        rows.append({"what": "first load", **browser.load()})
        rows.append({"what": f"{_POLLS} questions whether it changed", **browser.poll()})
        _place(reduction, units[laid_out:])
        rows.append({"what": f"{placed:,} points placed", **browser.load()})
        with transaction.atomic():
            forget_points(units[:placed].tolist(), world.root.pk)
        rows.append({"what": f"{placed:,} points gone", **browser.load()})
        rows.append({"what": "a filter", **browser.mask()})
    return {"points": laid_out, "peak_growth_mb": memory.growth, "rows": rows}


def report(result: dict[str, Any]) -> str:
    """Bytes on the wire and seconds of the server."""
    lines = [f"{result['points']:,} points{'':<18} kB   seconds"]
    lines += [
        f"  {row['what']:<32} {row.get('bytes', 0) / 1000:>8,.1f} {row['seconds']:>8.3f}"
        for row in result["rows"]
    ]
    return "\n".join([*lines, f"  peak memory {result['peak_growth_mb']:,.0f} MB above the start"])


class _Browser:
    """Loads what it does not have, as frontend/src/map/parts.ts does."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address
        self._kept: set[str] = set()
        self._etag = ""
        self._mark = ""
        self._bytes = 0

    def load(self) -> dict[str, float]:
        """Bring the points up to date."""
        self._bytes = 0
        begin = time.perf_counter()
        listed = self._get(f"{self._address}parts/", {"If-None-Match": self._etag})
        told = listed.json()
        self._etag, self._mark = listed["ETag"], told["mark"]
        for part in told["parts"]:
            if part["url"] not in self._kept:
                self._get(part["url"])
        self._kept = {part["url"] for part in told["parts"]}
        if told["gone_url"]:
            self._get(told["gone_url"])
        return {"bytes": self._bytes, "seconds": time.perf_counter() - begin}

    def poll(self) -> dict[str, float]:
        """Ask again and again while nothing changes."""
        self._bytes = 0
        begin = time.perf_counter()
        for _ in range(_POLLS):
            answer = self._get(f"{self._address}parts/", {"If-None-Match": self._etag})
            assert answer.status_code == 304  # noqa: S101
        return {"bytes": self._bytes, "seconds": time.perf_counter() - begin}

    def mask(self) -> dict[str, float]:
        """Filter the points."""
        self._bytes = 0
        begin = time.perf_counter()
        encoded = filters.encode(filters.parse(_FILTER))
        self._get(f"{self._address}mask/?mark={self._mark}&filter={encoded}")
        return {"bytes": self._bytes, "seconds": time.perf_counter() - begin}

    def _get(self, address: str, headers: dict[str, str] | None = None) -> Any:
        answer = self._client.get(address, headers=headers)
        assert answer.status_code in (200, 304), answer.content  # noqa: S101
        self._bytes += len(answer.content)
        return answer


@transaction.atomic
def laid_out_map(world: World, units: Any) -> Reduction:
    """A finished map of fifty clouds."""
    random = np.random.default_rng(1)
    middles = random.normal(scale=40, size=(50, 2))
    points = middles[random.integers(0, 50, len(units))] + random.normal(4, size=(len(units), 2))
    key = add_key(actor=world.actor, name="map-payload", type=KeyType.EMBEDDING, dimensions=8)
    reduction = Reduction.objects.create(
        root=world.root,
        key=key,
        version=1,
        method=ReductionMethod.TSNE,
        state=ReductionState.READY,
        segments=[len(units)],
        point_count=len(units),
        finished_at=timezone.now(),
    )
    replace_points(reduction=reduction, unit_ids=units, points=points.astype(np.float32))
    return reduction


@transaction.atomic
def _place(reduction: Reduction, units: Any) -> None:
    """As embeddings.services.placement writes."""
    points = np.random.default_rng(2).normal(size=(len(units), 2)).astype(np.float32)
    places = Places(points, np.zeros(len(units), np.float32))
    first = reduction.segments[-1]
    add_placed_points(reduction=reduction, unit_ids=units, places=places, first_ordinal=first)
    reduction.segments = [*reduction.segments, first + len(units)]
    reduction.placed_revision = 1
    reduction.save(update_fields=["segments", "placed_revision"])
    renew_parts(reduction)
