"""Vectors to search, as an import leaves them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.db import connection

from benchmarks.samples import Floats, vectors_like
from benchmarks.world import World, add_many_images, new_world
from embeddings.matrix_files.background import Wish, fulfil
from embeddings.matrix_files.folders import bytes_of, set_folder
from embeddings.models import VectorIndex, VectorSet
from embeddings.search import VectorExample, search
from embeddings.services.index_building import carry_out_building
from embeddings.services.partitions import ensure_partition, partition_name
from embeddings.services.vectors import VectorBatch, write_stream
from folders.choices import KeyType
from folders.models import MetadataKey
from folders.querysets import UnitQuerySet

PAGE = 50
_ROWS_PER_BATCH = 20_000


@dataclass(slots=True)
class Place:
    """What is searched."""

    world: World
    key: MetadataKey
    unit_ids: npt.NDArray[np.int64]
    vectors: Floats
    times: dict[str, float] = field(default_factory=dict)
    # What contenders hold beside the vectors' own table, in megabytes.
    holds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how many seconds something took."""
        started = time.perf_counter()
        yield
        self.times[name] = time.perf_counter() - started

    def build_index(self) -> None:
        """Our own HNSW index, as a worker builds it, with its recall."""
        vector_set = VectorSet.objects.get(root=self.world.root, key=self.key)
        index = VectorIndex.objects.create(vector_set=vector_set, dimensions=self.vectors.shape[1])
        with self.timed("our HNSW, build and recall"):
            carry_out_building(index_id=index.pk, told=lambda done, step: None)
        index.refresh_from_db()
        self.holds["service, hnsw"] = (index.bytes or 0) / 2**20

    def first_page(
        self,
        query: Floats,
        *,
        engine: str,
        units: UnitQuerySet | None = None,
        histogram: bool = False,
    ) -> list[int]:
        """Units of the first page by our service in this process."""
        page = search(
            actor=self.world.actor,
            root=self.world.root,
            key=self.key,
            query=VectorExample(query.tolist()),
            units=units,
            limit=PAGE,
            engine=engine,
            histogram=histogram,
        )
        return [hit.unit_id for hit in page.hits]


def searched_place(source: Path | None, count: int, dimensions: int) -> Place:
    """A root folder of images with vectors, imported and with its matrix file."""
    world = new_world("Search")
    unit_ids = add_many_images(world, count)
    vectors = vectors_like(source, count, dimensions)
    dimensions = vectors.shape[1]
    key = MetadataKey.objects.create(
        organisation=world.actor.organisation,
        name="searched",
        type=KeyType.EMBEDDING,
        dimensions=dimensions,
    )
    ensure_partition(key_id=key.pk, dimensions=dimensions)
    place = Place(world, key, unit_ids, vectors)
    with place.timed("import"):
        write_vectors_of(world, key, unit_ids, vectors)
    wish = Wish(world.root.pk, key.pk, dimensions)
    with place.timed("matrix file, from the import's end"):
        fulfil(wish)
    place.holds["service, scan"] = bytes_of(set_folder(world.root.pk, key.pk)) / 2**20
    with place.timed("first search after that"):
        place.first_page(vectors[0], engine="scan")
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {partition_name(key.pk)}")
        cursor.execute("VACUUM ANALYZE folders_unit")
    return place


def write_vectors_of(
    world: World, key: MetadataKey, unit_ids: npt.NDArray[np.int64], vectors: Floats
) -> None:
    """Import vectors as a bulk file does."""
    batches = (
        VectorBatch(
            key=key,
            unit_ids=unit_ids[start : start + _ROWS_PER_BATCH],
            values=vectors[start : start + _ROWS_PER_BATCH],
        )
        for start in range(0, len(vectors), _ROWS_PER_BATCH)
    )
    write_stream(key=key, root_id=world.root.pk, unit_ids=unit_ids, batches=batches)
