"""Bundles of the Encord SDK, 1000 items with a vector each, against the REST import of vectors."""

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import requests
from django.db import connection

from accounts.choices import TokenScope
from accounts.services.tokens import create_token
from benchmarks.measure import Comparison, Series
from benchmarks.memory import PeakMemory
from benchmarks.report import as_json, table
from benchmarks.server import WebProcess, web_process
from benchmarks.world import World, add_images, new_world
from embeddings.services.partitions import partition_name
from folders.choices import KeyType
from folders.models import Item
from folders.services.schema import add_key

Floats = npt.NDArray[np.float32]
_REST = "REST import of vectors"
_PATCH = "bundle, its PATCH alone"
_SDK = "bundle, the SDK as a whole"
_TIMEOUT = 300
# A request of REST has up to 64 MB.
_REST_NUMBERS = 2_500_000


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--bundle-items", type=int, default=1000, help="of a bundle (1000)")
    parser.add_argument("--bundle-rounds", type=int, default=5, help="bundles measured (5)")
    parser.add_argument(
        "--bundle-dimensions", type=int, nargs="+", default=[512, 4096], help="(512 4096)"
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """The items and somebody's token."""

    world: World
    ids: list[UUID]
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Of a call with JSON."""
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}


def run(arguments: Namespace) -> dict[str, Any]:
    """Send the same vectors in all ways, in turn, each into a key of its own."""
    scene = _scene(arguments.bundle_items)
    comparisons, memory = [], {}
    for dimensions in arguments.bundle_dimensions:
        shape = (arguments.bundle_items, dimensions)
        vectors = np.random.default_rng(512).standard_normal(shape, dtype=np.float32)
        series = {name: Series(name, rows=shape[0]) for name in _ways()}
        with web_process() as server:
            for turn in range(arguments.bundle_rounds + 1):
                _round(series if turn else None, scene, server, vectors, turn)
        task = f"{shape[0]:,} items with {dimensions} dimensions, items per second"
        comparisons.append(Comparison(task, list(series.values()), _REST))
        for name, way in _ways().items():
            memory[f"{name}, {dimensions}"] = _peak(scene, vectors, way)
    sizes = {"items": arguments.bundle_items, "rounds": arguments.bundle_rounds}
    return {"sizes": sizes, "comparisons": as_json(comparisons), "peak_mb": memory}


def report(result: dict[str, Any]) -> str:
    """The comparison, and the memory of the web process."""
    lines = [f"  {name:<34} {peak:7.1f} MB" for name, peak in result["peak_mb"].items()]
    title = "Memory of the web process beyond what it has after its start"
    return "\n".join([table(result), "", title, *lines])


Way = Callable[[_Scene, WebProcess, Floats], float]


def _ways() -> dict[str, Way]:
    return {_REST: _rest, _PATCH: _patch, _SDK: _sdk}


def _scene(items: int) -> _Scene:
    world = new_world("Bundles")
    add_images(world, items)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE folders_unit")
        cursor.execute("VACUUM ANALYZE folders_item")
    ids = list(Item.objects.filter(folder=world.root).order_by("name").values_list("pk", flat=True))
    _, token = create_token(actor=world.actor, name="Bench", scope=TokenScope.WRITE)
    return _Scene(world, ids, token)


def _round(
    series: dict[str, Series] | None,
    scene: _Scene,
    server: WebProcess,
    vectors: Floats,
    turn: int,
) -> None:
    """One bundle in each way; who goes first changes. Without series, to warm up."""
    ways = list(_ways().items())
    turn %= len(ways)
    for name, way in ways[turn:] + ways[:turn]:
        seconds = way(scene, server, vectors)
        if series is not None:
            series[name].seconds.append(seconds)


def _rest(scene: _Scene, server: WebProcess, vectors: Floats) -> float:
    """Seconds that the import takes, in as many requests as it needs; the bodies are ready."""
    key = _new_key(scene, vectors)
    rows = [
        {"item": str(item), "values": values}
        for item, values in zip(scene.ids, vectors.tolist(), strict=True)
    ]
    size = max(1, _REST_NUMBERS // vectors.shape[1])
    bodies = [
        json.dumps({"key": key, "vectors": rows[start : start + size]}).encode()
        for start in range(0, len(rows), size)
    ]
    del rows
    url = f"{server.url}/api/v1/folders/{scene.world.root.pk}/vectors/"
    return sum(
        _timed(partial(requests.post, url, body, headers=scene.headers, timeout=_TIMEOUT))
        for body in bodies
    )


def _patch(scene: _Scene, server: WebProcess, vectors: Floats) -> float:
    """Seconds that the request takes that the SDK would send; the body is ready."""
    key = _new_key(scene, vectors)
    patches = {
        str(item): {"clientMetadata": {key: values}}
        for item, values in zip(scene.ids, vectors.tolist(), strict=True)
    }
    body = json.dumps({"itemPatches": patches}).encode()
    url = f"{server.url}/v2/public/storage/items/patch-bulk"
    return _timed(partial(requests.patch, url, body, headers=scene.headers, timeout=_TIMEOUT))


def _sdk(scene: _Scene, server: WebProcess, vectors: Floats) -> float:
    """Seconds from the end of the `with` block until the SDK has read the answer."""
    # The SDK is a dependency of development; whoever lists the suites may lack it.
    from encord.http.bundle import Bundle
    from encord.user_client import EncordUserClient

    key = _new_key(scene, vectors)
    client = EncordUserClient.create_with_bearer_token(scene.token, domain=server.url)
    items = client.get_storage_items(scene.ids)
    bundle = Bundle()
    for item, values in zip(items, vectors.tolist(), strict=True):
        item.update(client_metadata={key: values}, bundle=bundle)
    started = time.perf_counter()
    bundle.execute()
    return time.perf_counter() - started


def _timed(send: Callable[[], requests.Response]) -> float:
    started = time.perf_counter()
    answer = send()
    seconds = time.perf_counter() - started
    if not answer.ok:
        raise RuntimeError(answer.text[:2000])
    return seconds


def _peak(scene: _Scene, vectors: Floats, way: Way) -> float:
    """Megabytes that a web process takes for it beyond what it has after its start."""
    with web_process() as server:
        requests.get(f"{server.url}/api/v1/me/", headers=scene.headers, timeout=_TIMEOUT)
        with PeakMemory(server.pid) as peak:
            way(scene, server, vectors)
        return peak.growth


_numbers = count()


def _new_key(scene: _Scene, vectors: Floats) -> str:
    """An empty key; those of earlier bundles are emptied, to make room on the disk."""
    with connection.cursor() as cursor:
        for old in _used:
            cursor.execute(f"TRUNCATE {partition_name(old)}, embeddings_vectorchange")
    _used.clear()
    key = add_key(
        actor=scene.world.actor,
        name=f"bundle-{next(_numbers)}",
        type=KeyType.EMBEDDING,
        dimensions=vectors.shape[1],
    )
    _used.append(key.pk)
    return key.name


_used: list[int] = []
