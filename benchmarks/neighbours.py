"""Other ways to the nearest of all: numpy, pgvector, and libraries where they are installed.

Each takes a query and gives row numbers, nearest first. The libraries are no part of the product:
`make setup-bench` brings them.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from django.db import connection
from threadpoolctl import threadpool_limits

from benchmarks.samples import Floats
from embeddings.services.partitions import partition_name

Finder = Callable[[Floats], list[int]]


def bare_numpy(vectors: Floats, page: int, threads: int) -> Finder:
    """One float32 product over rows of length 1, and the best of it."""

    def find(query: Floats) -> list[int]:
        with threadpool_limits(limits=threads, user_api="blas"):
            scores = vectors @ query
        best = np.argpartition(-scores, page)[:page]
        return list(best[np.argsort(-scores[best])].tolist())

    return find


def product_alone(vectors: Floats, threads: int) -> Finder:
    """The float32 product without looking at it."""

    def find(query: Floats) -> list[int]:
        with threadpool_limits(limits=threads, user_api="blas"):
            vectors @ query
        return []

    return find


def scikit_learn(vectors: Floats, page: int) -> Finder:
    """Brute force in memory, as FiftyOne's default similarity does."""
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=page, algorithm="brute", metric="cosine").fit(vectors)

    def find(query: Floats) -> list[int]:
        return list(index.kneighbors(query[np.newaxis], return_distance=False)[0].tolist())

    return find


def faiss_flat(vectors: Floats, page: int) -> Finder:
    """Exact, inner products of rows of length 1."""
    faiss = import_module("faiss")

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return lambda query: list(index.search(query[np.newaxis], page)[1][0].tolist())


def faiss_hnsw(vectors: Floats, page: int) -> Finder:
    """A graph: m 16, ef_construction 64, ef_search 100."""
    faiss = import_module("faiss")

    index = faiss.IndexHNSWFlat(vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 64, 100
    index.add(vectors)
    return lambda query: list(index.search(query[np.newaxis], page)[1][0].tolist())


def hnswlib_graph(vectors: Floats, page: int) -> Finder:
    """A graph: m 16, ef_construction 64, ef 100."""
    hnswlib = import_module("hnswlib")

    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=16, ef_construction=64)
    index.add_items(vectors)
    index.set_ef(100)
    return lambda query: list(index.knn_query(query, k=page)[0][0].tolist())


def pgvector_exact(key_id: int, unit_ids: list[int], page: int) -> Finder:
    """PostgreSQL's own scan of the partition."""
    return _pgvector(key_id, unit_ids, page, "value <=> '{}'::vector")


def pgvector_hnsw(key_id: int, unit_ids: list[int], page: int, dimensions: int) -> Finder:
    """PostgreSQL's graph over half precision: m 16, ef_construction 64, ef_search 100."""
    table = partition_name(key_id)
    cast = f"halfvec({dimensions})"
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '2GB'; SET hnsw.ef_search = 100")
        cursor.execute(
            f"CREATE INDEX {table}_hnsw ON {table} USING hnsw ((value::{cast}) halfvec_cosine_ops)"
            " WITH (m = 16, ef_construction = 64)"
        )
    return _pgvector(key_id, unit_ids, page, f"value::{cast} <=> '{{}}'::{cast}")


def pgvector_hnsw_megabytes(key_id: int) -> float:
    """The size of that graph."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s)", [f"{partition_name(key_id)}_hnsw"])
        return float(cursor.fetchone()[0]) / 2**20


def installed(module: str) -> bool:
    """Whether a library is there to be compared with."""
    return find_spec(module) is not None


def _pgvector(key_id: int, unit_ids: list[int], page: int, distance: str) -> Finder:
    row_of = {unit: row for row, unit in enumerate(unit_ids)}

    def find(query: Floats) -> list[int]:
        literal = "[" + ",".join(map(str, query.tolist())) + "]"
        statement = (
            f"SELECT unit_id FROM {partition_name(key_id)}"  # noqa: S608 - numbers of ours
            f" ORDER BY {distance.format(literal)} LIMIT {page}"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return [row_of[unit_id] for (unit_id,) in cursor.fetchall()]

    return find
