"""Building the index of a vector set, beside whatever serves searches meanwhile.

A worker that is killed leaves a row and a table that nobody reads; its successor begins anew with
both. Only when everything is done does the new index take the place of the old one.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from embeddings.choices import IndexState
from embeddings.indexes.half import scale_for
from embeddings.indexes.rows import sample_of, write_vectors
from embeddings.indexes.table import create_graph, create_table, drop_table, facts
from embeddings.matrix_files.source import count_vectors, read_state, stream_set
from embeddings.models import VectorIndex
from embeddings.search.question import Question
from embeddings.search.recall import QUERIES, measure_recall, queries_near
from embeddings.services.index_following import bring_up_to_date
from folders.choices import Metric

Told = Callable[[int, str], None]
"""How much is done, in thousandths of the whole, and what is being done; may raise."""

# Where each part ends, in thousandths; the graph takes nearly all of the time.
_COPIED, _BUILT, _CAUGHT_UP, _MEASURED = 100, 880, 900, 1000
_WATCH_SECONDS = 1.0
# Vectors that the scale is taken from, the queries among them.
_SAMPLE = 1000


def carry_out_building(*, index_id: int, told: Told) -> dict[str, Any]:
    """Build an index, measure it, and have it take over; the job's handler.

    Returns:
        `rows`, `bytes`, `seconds`, `recall` and `ef_search`; nothing when the index is gone.
    """
    index = _find(index_id)
    if index is None or index.state != IndexState.BUILDING:
        return {}
    started = time.monotonic()
    metric = Metric(index.vector_set.key.metric)
    _copy(index, metric, told)
    with _watched(told):
        create_graph(index, metric)
    bring_up_to_date(
        index, told=lambda done, total: told(_BUILT, f"Indexing what came meanwhile, {done:,}")
    )
    index.build_seconds = time.monotonic() - started
    _measure(index, metric, told)
    index.rows, index.bytes = facts(index)
    index.built_at = timezone.now()
    _take_over(index)
    told(_MEASURED, "Finished")
    return {
        "rows": index.rows,
        "bytes": index.bytes,
        "seconds": round(index.build_seconds, 1),
        "recall": index.recall,
        "ef_search": index.ef_search,
    }


def give_up_building(index_id: int, *, error: str = "") -> None:
    """End a build and remove its table; the row stays to tell an error, if there was one."""
    index = _find(index_id)
    if index is None or index.state != IndexState.BUILDING:
        return
    if not error:
        index.delete()
        return
    with transaction.atomic():
        drop_table(index)
        index.state, index.error = IndexState.FAILED, error[:1000]
        index.save(update_fields=["state", "error"])


def _find(index_id: int) -> VectorIndex | None:
    found = VectorIndex.objects.select_related("vector_set__key").filter(pk=index_id)
    return found.first()


def _copy(index: VectorIndex, metric: Metric, told: Told) -> None:
    """Fill the table with the set's vectors; the revision is read before the first of them."""
    vector_set = index.vector_set
    root_id, key_id = vector_set.root_id, vector_set.key_id
    create_table(index)
    _, sample = sample_of(
        root_id=root_id, key_id=key_id, dimensions=index.dimensions, count=_SAMPLE
    )
    state = read_state(root_id=root_id, key_id=key_id)
    index.revision = state.revision if state else 0
    index.scale, index.changed = scale_for(sample, metric), 0
    index.save(update_fields=["revision", "scale", "changed"])
    total, done = count_vectors(root_id=root_id, key_id=key_id), 0
    for page in stream_set(root_id=root_id, key_id=key_id, dimensions=index.dimensions):
        write_vectors(index, page, metric)
        done += len(page.unit_ids)
        told(_COPIED * done // max(total, done), f"Copying vectors, {done:,} of {total:,}")


@contextmanager
def _watched(told: Told) -> Iterator[None]:
    """Report the progress of a CREATE INDEX on this connection, and cancel it when told to stop.

    Raises:
        Whatever `told` raised.
    """
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    ended, raised = Event(), list[BaseException]()

    def watch() -> None:
        try:
            while not ended.wait(_WATCH_SECONDS):
                _tell(backend, told)
        except BaseException as error:  # noqa: BLE001 - the building thread raises it
            raised.append(error)
            _cancel(backend, ended)
        finally:
            connection.close()

    watcher = Thread(target=watch, name="index-progress", daemon=True)
    watcher.start()
    try:
        yield
    except OperationalError:
        # What `told` raised is the cause, if it did.
        if not raised:
            raise
    finally:
        ended.set()
        watcher.join()
    if raised:
        raise raised[0]


def _tell(backend: int, told: Told) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tuples_done, tuples_total FROM pg_stat_progress_create_index WHERE pid = %s",
            [backend],
        )
        done, total = cursor.fetchone() or (0, 0)
    share = done / total if total else 0.0
    step = f"Building the graph, {done:,} of {total:,} vectors" if total else "Building the graph"
    told(_COPIED + round(share * (_BUILT - _COPIED)), step)


def _cancel(backend: int, ended: Event) -> None:
    """Cancel the statement, again while it has not ended: it may not have begun yet."""
    while not ended.is_set():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_cancel_backend(%s)", [backend])
        ended.wait(_WATCH_SECONDS)


def _measure(index: VectorIndex, metric: Metric, told: Told) -> None:
    vector_set = index.vector_set
    unit_ids, values = sample_of(
        root_id=vector_set.root_id,
        key_id=vector_set.key_id,
        dimensions=index.dimensions,
        count=QUERIES,
    )
    if not len(unit_ids):
        return
    question = Question(
        key_id=vector_set.key_id,
        root_id=vector_set.root_id,
        metric=metric,
        vector=values[0],
        units=None,
        max_distance=None,
    )
    span = _MEASURED - _CAUGHT_UP
    measured = measure_recall(
        index,
        question,
        queries_near(unit_ids, values),
        lambda done, total: told(_CAUGHT_UP + span * done // (total + 1), "Measuring the recall"),
    )
    if measured is not None:
        index.ef_search, index.recall = measured.ef_search, measured.recall
        index.measured_at = timezone.now()


def _take_over(index: VectorIndex) -> None:
    """Serve searches from now on, in place of the index before."""
    with transaction.atomic():
        VectorIndex.objects.filter(vector_set=index.vector_set_id, state=IndexState.READY).delete()
        VectorIndex.objects.filter(pk=index.pk, state=IndexState.BUILDING).update(
            state=IndexState.READY,
            error="",
            rows=index.rows,
            bytes=index.bytes,
            ef_search=index.ef_search,
            recall=index.recall,
            measured_at=index.measured_at,
            built_at=index.built_at,
            build_seconds=index.build_seconds,
        )
