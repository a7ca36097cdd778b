"""Derived vectors of videos, sequences and groups: the job, its marks, and who replaces whom."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, NotAllowed
from core.models import AuditEvent, Job, JobState
from embeddings import members
from embeddings.choices import Derivation
from embeddings.models import DerivedVector, Vector, VectorChange, VectorSet
from embeddings.services import derived
from embeddings.services.derived import start_derivation
from embeddings.services.derived_rows import labels
from embeddings.services.vectors import delete_vectors, write_derived
from folders.choices import ItemKind, Metric, UnitKind
from folders.models import Folder, Item, MetadataKey, Unit
from folders.services.deletion import delete_items
from folders.services.frame_times import probe_item
from folders.services.frames import sample_frames
from folders.services.imports import MetadataChange, update_metadata
from tests.embeddings.worlds import make_key, put, stored
from tests.factories import ItemFactory, UnitFactory
from tests.folders.framed import make_sequence, make_video
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
MEAN, MEDOID = Derivation.MEAN, Derivation.MEDOID


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    return actor_for(editor)


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2, metric=Metric.L2)


def units_of(item: Item) -> list[int]:
    """The item's own unit, then those of its frames."""
    units = Unit.objects.filter(item=item).order_by("frame")
    frames = [unit.pk for unit in units if unit.frame is not None]
    return [*(unit.pk for unit in units if unit.frame is None), *frames]


def video(folder: Folder, name: str = "a.mp4") -> list[int]:
    item = make_video(folder, fps=1, duration=4, name=name)
    sample_frames(item=item, probe=probe_item(item))
    return units_of(item)


def group(folder: Folder, count: int) -> list[int]:
    """A group's unit and those of its parts."""
    item = ItemFactory.create(folder=folder, kind=ItemKind.IMAGE_GROUP, name="group")
    whole = UnitFactory.create(item=item, kind=UnitKind.IMAGE_GROUP)
    parts = [
        UnitFactory.create(item__folder=folder, item__parent=item, item__position=n)
        for n in range(count)
    ]
    return [whole.pk, *(part.pk for part in parts)]


def run(actor: Actor, folder: Folder, key: MetadataKey, method: Derivation = MEAN) -> Any:
    start_derivation(actor=actor, folder=folder, key=key, method=method)
    (job,) = run_jobs()
    assert job.state == "finished", job.error_message
    return job.result


def values(key: MetadataKey) -> dict[int, list[float]]:
    return {unit: value.tolist() for unit, value in stored(key).items()}


def marks(key: MetadataKey) -> dict[int, tuple[str, int]]:
    rows = DerivedVector.objects.filter(key=key).values_list("unit_id", "method", "members")
    return {unit: (method, members) for unit, method, members in rows}


def test_start__needs_an_editor(
    birds: Folder, key: MetadataKey, viewer: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        start_derivation(actor=actor_for(viewer), folder=birds, key=key, method=MEAN)

    assert not Job.objects.exists()


def test_start__twice_is_one_job_and_another_method_has_to_wait(
    birds: Folder, key: MetadataKey, actor: Actor
) -> None:
    first = start_derivation(actor=actor, folder=birds, key=key, method=MEAN)

    assert start_derivation(actor=actor, folder=birds, key=key, method=MEAN).pk == first.pk
    with pytest.raises(Conflict):
        start_derivation(actor=actor, folder=birds, key=key, method=MEDOID)

    event = AuditEvent.objects.filter(action="vectors.derived").first()
    assert event is not None
    assert event.data == {"key": key.name, "method": "mean"}


def test_derive__videos_sequences_and_groups(
    birds: Folder, night: Folder, key: MetadataKey, actor: Actor
) -> None:
    film, *frames = video(birds)
    sequence = make_sequence(night, 3)
    sample_frames(item=sequence, probe=probe_item(sequence))
    walk, *images = units_of(sequence)
    pair, *parts = group(birds, 2)
    still = UnitFactory.create(item__folder=birds).pk
    video(birds, "without.mp4")
    sent = {frames[0]: [0, 0], frames[2]: [4, 2], images[1]: [5, 5]}
    sent |= {parts[0]: [1, 0], parts[1]: [3, 8], still: [9, 9]}
    put(key, sent)

    result = run(actor, birds, key)

    assert result == {"derived": 3, "unchanged": 0, "kept": 0, "undefined": 0, "removed": 0}
    assert values(key) == sent | {film: [2, 1], walk: [5, 5], pair: [2, 4]}
    assert marks(key) == {film: ("mean", 2), walk: ("mean", 1), pair: ("mean", 2)}
    assert labels([film, walk, pair, still]) == {
        film: {key.name: "mean of 2 frames"},
        walk: {key.name: "mean of 1 frame"},
        pair: {key.name: "mean of 2 images"},
    }


def test_derive__not_once_the_role_is_gone(
    birds: Folder, key: MetadataKey, actor: Actor, editor: User
) -> None:
    whole, *frames = video(birds)
    put(key, {frames[0]: [1, 0]})
    start_derivation(actor=actor, folder=birds, key=key, method=MEAN)
    birds.grants.filter(user=editor).delete()

    (job,) = run_jobs()

    assert job.state == JobState.FAILED
    assert whole not in stored(key)


def test_derive__only_below_the_folder(
    birds: Folder, night: Folder, boats: Folder, key: MetadataKey, actor: Actor
) -> None:
    above, below, elsewhere = video(birds), video(night), video(boats)
    put(key, {units[1]: [1, 1] for units in (above, below, elsewhere)})

    assert run(actor, night, key)["derived"] == 1
    assert set(marks(key)) == {below[0]}
    assert run(actor, birds, key) == {
        "derived": 1,
        "unchanged": 1,
        "kept": 0,
        "undefined": 0,
        "removed": 0,
    }
    assert set(marks(key)) == {above[0], below[0]}


def test_derive__again_writes_nothing_and_updates_what_changed(
    birds: Folder, key: MetadataKey, actor: Actor
) -> None:
    one, two = video(birds, "1.mp4"), video(birds, "2.mp4")
    put(key, {one[1]: [1, 1], one[2]: [3, 3], two[1]: [7, 7]})
    run(actor, birds, key)
    before = VectorSet.objects.get().revision

    assert run(actor, birds, key)["unchanged"] == 2
    assert VectorSet.objects.get().revision == before

    put(key, {one[2]: [5, 5]})
    assert run(actor, birds, key)["derived"] == 1
    assert values(key)[one[0]] == [3, 3]
    # By another method even the same numbers are made anew, so that the label is right.
    assert run(actor, birds, key, MEDOID)["derived"] == 2
    assert values(key)[one[0]] == [1, 1]
    assert marks(key) == {one[0]: ("medoid", 2), two[0]: ("medoid", 1)}


def test_derive__vectors_that_were_sent_stay(birds: Folder, key: MetadataKey, actor: Actor) -> None:
    film, frame, *_ = video(birds)
    put(key, {film: [9, 9], frame: [1, 1]})

    assert run(actor, birds, key)["kept"] == 1
    assert values(key)[film] == [9, 9]
    assert marks(key) == {}


def test_derive__one_that_is_sent_later_takes_its_place(
    birds: Folder, key: MetadataKey, actor: Actor
) -> None:
    film, frame, *_ = video(birds)
    put(key, {frame: [1, 1]})
    run(actor, birds, key)
    item = Unit.objects.get(pk=film).item

    # The same numbers: what counts is that somebody says so.
    update_metadata(actor=actor, changes=[MetadataChange(item.pk, {key.name: [1, 1]})], merge=True)

    assert marks(key) == {}
    assert run(actor, birds, key)["kept"] == 1


def test_derive__goes_when_no_frame_has_a_vector_any_more(
    birds: Folder, key: MetadataKey, actor: Actor
) -> None:
    film, frame, *_ = video(birds)
    put(key, {frame: [1, 1]})
    run(actor, birds, key)
    delete_vectors(key=key, unit_ids=[frame])

    assert run(actor, birds, key)["removed"] == 1
    assert (values(key), marks(key)) == ({}, {})
    assert VectorChange.objects.filter(unit_id=film, removed=True).count() == 1


def test_derive__where_directions_cancel_out_nothing_stays(birds: Folder, actor: Actor) -> None:
    key = make_key(birds, dimensions=2, metric=Metric.COSINE)
    film, first, second, *_ = video(birds)
    put(key, {first: [1, 1], second: [2, 0]})
    run(actor, birds, key)
    assert film in marks(key)

    put(key, {second: [-3, -3]})

    result = run(actor, birds, key)
    assert (result["undefined"], result["removed"]) == (1, 1)
    assert (set(values(key)), marks(key)) == ({first, second}, {})


def test_marks__go_with_the_vector_and_with_the_unit(
    birds: Folder, key: MetadataKey, actor: Actor
) -> None:
    one, two, three = (video(birds, f"{n}.mp4") for n in range(3))
    put(key, {units[1]: [1, 1] for units in (one, two, three)})
    run(actor, birds, key)

    delete_vectors(key=key, unit_ids=[one[0]])
    assert set(marks(key)) == {two[0], three[0]}
    delete_items(actor=actor, item_ids=[Unit.objects.get(pk=two[0]).item_id])
    assert set(marks(key)) == {three[0]}
    # Whoever deletes it, and however.
    Unit.objects.filter(pk=three[0])._raw_delete("default")
    assert marks(key) == {}
    assert not Vector.objects.filter(unit_id=three[0]).exists()


def test_marks__are_of_one_key(birds: Folder, key: MetadataKey, actor: Actor) -> None:
    other = make_key(birds, dimensions=2)
    film, frame, *_ = video(birds)
    put(key, {frame: [1, 1]})
    put(other, {frame: [2, 2]})
    run(actor, birds, key)
    run(actor, birds, other)

    put(other, {film: [5, 5]})

    assert (set(marks(key)), set(marks(other))) == ({film}, set())


def test_write_derived__passes_over_what_was_sent_or_deleted_meanwhile(
    birds: Folder, key: MetadataKey
) -> None:
    one, two, gone = (video(birds, f"{n}.mp4")[0] for n in range(3))
    put(key, {one: [9, 9]})
    Unit.objects.filter(pk=gone).delete()

    report = write_derived(
        key=key,
        unit_ids=np.array([gone, two, one]),
        values=np.ones((3, 2), dtype=np.float32),
        method="mean",
        members={one: 1, two: 2, gone: 3},
    )

    assert report.written == 1
    assert values(key) == {one: [9, 9], two: [1, 1]}
    assert marks(key) == {two: ("mean", 2)}


def test_derive__in_small_blocks_and_batches(
    birds: Folder, key: MetadataKey, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "_BLOCK_BYTES", 8 * 3)
    monkeypatch.setattr(derived, "_BATCH_ROWS", 2)
    rng = np.random.default_rng(5)
    sent: dict[int, list[float]] = {}
    expected: dict[int, list[float]] = {}
    for number in range(7):
        whole, *frames = video(birds, f"{number}.mp4")
        chosen = frames[: number % 5]
        numbers = rng.integers(-9, 9, (len(chosen), 2)).astype(np.float32)
        sent |= dict(zip(chosen, numbers.tolist(), strict=True))
        if chosen:
            expected[whole] = numbers.mean(axis=0, dtype=np.float64).astype(np.float32).tolist()
    put(key, sent)

    run(actor, birds, key)

    assert values(key) == sent | expected
    for method in (MEDOID, MEAN):
        assert run(actor, birds, key, method)["derived"] == len(expected)
    assert values(key) == sent | expected


def test_derive__of_a_key_or_folder_that_went_meanwhile_ends_quietly(
    birds: Folder, key: MetadataKey, actor: Actor
) -> None:
    job = start_derivation(actor=actor, folder=birds, key=key, method=MEAN)
    Job.objects.filter(pk=job.pk).update(
        payload={"folder": str(UUID(int=1)), "key": key.pk, "method": "mean"}
    )

    (ended,) = run_jobs()

    assert (ended.state, ended.result) == ("finished", {})
