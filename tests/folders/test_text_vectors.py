"""Lists that were stored as text become vectors once their key exists."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, InvalidInput, NotAllowed
from core.jobs import JobRun
from core.models import Job
from folders.choices import KeyType, UnitKind
from folders.models import Folder, Item, MetadataKey, Unit
from folders.reading import full_metadata
from folders.services import text_vectors
from folders.services.schema import add_key, delete_key
from folders.services.text_vectors import convert_texts, texts_of
from tests.embeddings.worlds import put, stored
from tests.factories import UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


def unit(folder: Folder, value: Any, **columns: Any) -> Unit:
    """A unit with a value under `clip`, and another that must stay."""
    text = json.dumps(value) if isinstance(value, list) else value
    made: Unit = UnitFactory.create(
        item__folder=folder, item__client_metadata={"clip": text, "label": "owl"}, **columns
    )
    return made


@pytest.fixture
def clip(birds: Folder, admin: User, actor_for: ActorFor) -> MetadataKey:
    """An embedding key of two dimensions."""
    return add_key(actor=actor_for(admin), name="clip", type=KeyType.EMBEDDING, dimensions=2)


def convert(actor: Actor, key: MetadataKey) -> dict[str, Any]:
    """Convert by the job; its result."""
    convert_texts(actor=actor, key=key)
    [job] = [job for job in run_jobs() if job.kind == text_vectors.JOB_KIND]
    assert job.state == "finished"
    result: dict[str, Any] = job.result
    return result


def test_convert_texts__is_for_editors_and_live_embedding_keys(
    birds: Folder, clip: MetadataKey, viewer: User, admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        convert_texts(actor=actor_for(viewer), key=clip)
    number = add_key(actor=actor_for(admin), name="n", type=KeyType.NUMBER)
    with pytest.raises(InvalidInput):
        convert_texts(actor=actor_for(admin), key=number)
    with pytest.raises(Conflict):
        convert_texts(actor=actor_for(admin), key=delete_key(actor=actor_for(admin), key=clip))

    assert not Job.objects.filter(kind=text_vectors.JOB_KIND).exists()


def test_convert_texts__writes_vectors_and_takes_the_texts_away(
    birds: Folder, clip: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    good = unit(birds, [0.1, 2])
    long = unit(birds, [1, 2, 3])
    broken = unit(birds, "[1, 2")
    words = unit(birds, "a text")
    frame = unit(birds, [5, 6], kind=UnitKind.FRAME, frame=3)
    assert texts_of(actor_for(editor), clip).count() == 4

    result = convert(actor_for(editor), clip)

    assert {**result, "errors": None} == {
        "converted": 2,
        "superseded": 0,
        "left": 2,
        "errors": None,
    }
    assert {error["item"] for error in result["errors"]} == {
        str(long.item_id),
        str(broken.item_id),
    }
    assert sorted(stored(clip)) == [good.pk, frame.pk]
    good.refresh_from_db()
    assert good.metadata == {"label": "owl"}
    assert Item.objects.get(pk=good.item_id).client_metadata == {"label": "owl"}
    assert full_metadata([good.item])[good.item_id]["clip"] == [0.1, 2.0]
    for kept in (long, broken, words):
        before = kept.metadata
        kept.refresh_from_db()
        assert kept.metadata == before
    # Of a frame, the item's own text is not the frame's.
    assert Item.objects.get(pk=frame.item_id).client_metadata["clip"] == "[5, 6]"
    assert convert(actor_for(editor), clip)["converted"] == 0


def test_convert_texts__leaves_what_the_person_may_not_edit(
    birds: Folder, boats: Folder, clip: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    mine, foreign = unit(birds, [1, 2]), unit(boats, [3, 4])

    assert convert(actor_for(editor), clip)["converted"] == 1

    assert list(stored(clip)) == [mine.pk]
    foreign.refresh_from_db()
    assert foreign.metadata["clip"] == "[3, 4]"


def test_convert_texts__a_vector_that_is_there_is_newer(
    birds: Folder, clip: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    both = unit(birds, [1, 2])
    put(clip, {both.pk: [7.0, 8.0]})

    result = convert(actor_for(editor), clip)

    assert (result["converted"], result["superseded"]) == (0, 1)
    assert stored(clip)[both.pk].tolist() == [7.0, 8.0]
    both.refresh_from_db()
    assert both.metadata == {"label": "owl"}


def test_convert_texts__the_most_frequent_length_fixes_an_open_size(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(editor), name="clip", type=KeyType.EMBEDDING)
    odd, *_ = (unit(birds, [1]), unit(birds, [1, 2, 3]), unit(birds, [4, 5, 6]))

    result = convert(actor_for(editor), key)

    key.refresh_from_db()
    assert (key.dimensions, result["converted"], result["left"]) == (3, 2, 1)
    assert result["errors"][0]["item"] == str(odd.item_id)


def test_convert_texts__goes_on_after_a_crash(
    birds: Folder,
    clip: MetadataKey,
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text_vectors, "_UNITS_PER_BATCH", 2)
    units = [unit(birds, [n, n]) for n in range(5)]
    job = convert_texts(actor=actor_for(editor), key=clip)
    assert convert_texts(actor=actor_for(editor), key=clip) == job
    run = JobRun(row=job, token=job.pk)

    def crash() -> None:
        if run.row.done >= 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(run, "check", crash)
    with pytest.raises(KeyboardInterrupt):
        text_vectors.run_conversion(run)
    assert len(stored(clip)) == 2

    result = text_vectors.run_conversion(JobRun(row=job, token=job.pk))

    assert result["converted"] == 5
    assert sorted(stored(clip)) == [one.pk for one in units]
    assert not texts_of(actor_for(editor), clip).exists()
