"""Units of frames: sampling, changes of the configuration, metadata and vectors of frames."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from collections_app.services.collections import create_collection
from collections_app.services.members import add_units
from core.errors import InvalidInput
from embeddings.models import Vector
from folders.choices import ItemState, KeyType
from folders.media.errors import UnreadableMedia
from folders.media.video import probe_video
from folders.models import Folder, Item, MetadataKey, Unit
from folders.reading import full_metadata
from folders.services.frame_times import keep_times, probe_item
from folders.services.frames import add_frames, sample_frames
from folders.services.imports import ItemRecord, MetadataChange, import_items, update_metadata
from folders.services.processing import process_item
from folders.services.schema import add_key, delete_key
from folders.storage import remove_item_files, times_key, write_derived
from tests.embeddings.worlds import put
from tests.factories import UnitFactory
from tests.folders.framed import frames_of, key_frames_of, make_sequence, make_video
from tests.folders.media_files import video

ActorFor = Callable[[User], Actor]
Write = Callable[..., None]
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    return actor_for(editor)


@pytest.fixture
def write(actor: Actor) -> Write:
    """Gives an item new metadata."""

    def write(item: Item, metadata: dict[str, Any], *, merge: bool = False) -> None:
        update_metadata(actor=actor, changes=[MetadataChange(item.pk, metadata)], merge=merge)
        item.refresh_from_db()

    return write


@pytest.fixture
def vec(admin: User, actor_for: ActorFor) -> MetadataKey:
    return add_key(actor=actor_for(admin), name="vec", type=KeyType.EMBEDDING, dimensions=2)


def config(rate: Any = None, mode: str | None = None) -> dict[str, Any]:
    """Metadata with a sampling configuration."""
    parts = {"sampling_rate": rate, "keyframe_mode": mode}
    return {"$encord": {"config": {name: part for name, part in parts.items() if part is not None}}}


def errors_of(caught: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(error.path, error.message) for error in caught.value.errors]


def test_probe__given_measures_are_believed_and_nothing_is_fetched(birds: Folder) -> None:
    times = probe_item(make_video(birds, fps=25, duration=2))

    assert (times.frame_count, times.timestamps[49], times.duration) == (50, 49 / 25, 2)


def test_probe__a_sequence_has_as_many_frames_as_images(birds: Folder) -> None:
    assert probe_item(make_sequence(birds, 4)).frame_count == 4
    with pytest.raises(UnreadableMedia):
        probe_item(make_sequence(birds, 0))


def test_probe__a_video_is_read_once(birds: Folder, actor: Actor, tmp_path: Path) -> None:
    (item,) = import_items(
        actor=actor, folder=birds, records=[ItemRecord("a.mp4", video(tmp_path))]
    ).items
    read = probe_item(item)
    default_storage.delete(item.storage_key)

    kept = probe_item(item)

    assert list(kept.timestamps) == list(read.timestamps)
    assert kept.duration == read.duration
    # They go with the item.
    remove_item_files(item.pk)
    with pytest.raises(UnreadableMedia):
        probe_item(item)


def test_probe__what_was_kept_and_is_damaged_is_read_again(
    birds: Folder, actor: Actor, tmp_path: Path
) -> None:
    (item,) = import_items(
        actor=actor, folder=birds, records=[ItemRecord("a.mp4", video(tmp_path))]
    ).items
    keep_times(item, probe_item(item))
    write_derived(times_key(item), b"half")

    assert probe_item(item).frame_count == 30


def test_config__changes_add_and_remove_sampled_units(birds: Folder, write: Write) -> None:
    item = make_video(birds, fps=10, duration=3)

    write(item, config("2"))
    assert frames_of(item) == [0, 5, 10, 15, 20, 25]
    kept = Unit.objects.get(item=item, frame=10).pk
    write(item, config(1.0))
    assert frames_of(item) == [0, 10, 20]
    assert Unit.objects.get(item=item, frame=10).pk == kept
    write(item, config(0))
    assert frames_of(item) == [0]
    write(item, config())
    assert frames_of(item) == [0, 10, 20]
    assert key_frames_of(item) == []


def test_config__without_one_the_earlier_one_holds(birds: Folder, write: Write) -> None:
    item = make_video(birds, fps=10, duration=3)
    write(item, config(0))

    write(item, {"note": "a"})
    write(item, {"keyframes": [4]}, merge=True)

    assert frames_of(item) == [0, 4]
    metadata = {"note": "a", "keyframes": [4], "$encord": {"config": {"sampling_rate": 0}}}
    assert full_metadata([item])[item.pk] == metadata


def test_config__never_removes_key_frames_metadata_vectors_and_members(
    birds: Folder, actor: Actor, write: Write, vec: MetadataKey, admin: User, actor_for: ActorFor
) -> None:
    item = make_video(birds, fps=10, duration=3)
    write(item, config(10))
    units = dict(Unit.objects.filter(item=item).values_list("frame", "pk"))
    write(item, {"keyframes": [3], "$encord": {"frames": {"5": {"note": "b"}, "6": {}}}})
    Unit.objects.filter(pk=units[8]).update(metadata={"note": "c"})
    put(vec, {units[9]: [1, 2]})
    collection = create_collection(actor=actor, root=birds, name="Kept")
    add_units(actor=actor, collection=collection, units=[units[12]])
    # A deleted key can be restored, and its vectors with it.
    delete_key(actor=actor_for(admin), key=vec)

    write(item, config(0))

    assert frames_of(item) == [0, 3, 5, 6, 8, 9, 12]
    assert key_frames_of(item) == [3, 5, 6]
    now = dict(Unit.objects.filter(item=item).values_list("frame", "pk"))
    assert {frame: units[frame] for frame in now} == now


def test_config__a_named_frame_is_a_key_frame_for_ever(
    birds: Folder, write: Write, vec: MetadataKey
) -> None:
    item = make_video(birds, fps=10, duration=3)
    write(item, {"$encord": {"frames": {"7": {"vec": [1, 2], "note": "a"}}}})

    write(item, {"$encord": {"frames": {"7": {"vec": None}}}})
    write(item, config(0))

    assert key_frames_of(item) == [7]
    assert not Vector.objects.exists()


def test_config__too_many_units_are_refused_and_nothing_changes(
    birds: Folder, write: Write
) -> None:
    item = make_video(birds, fps=60, duration=3600)
    write(item, config(0))

    with pytest.raises(InvalidInput) as caught:
        write(item, config(60))

    ((path, message),) = errors_of(caught)
    assert path == "items.0.metadata.$encord"
    assert message.startswith("“a.mp4”: At 60 frames per second")
    assert frames_of(item) == [0]


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 0.3, 0.5, "1", 2, "2.5", 7, 100]),
            st.lists(st.integers(0, 29), max_size=2),
            st.lists(st.integers(0, 29), max_size=2),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_config__any_course_of_changes_ends_as_a_naive_model_says(
    birds: Folder,
    write: Write,
    vec: MetadataKey,
    changes: list[tuple[Any, list[int], list[int]]],
) -> None:
    item = make_video(birds, fps=10, duration=3)
    kept: set[int] = set()
    for rate, keys, with_vectors in changes:
        write(item, {**config(rate), "keyframes": keys})
        present = dict(Unit.objects.filter(item=item).values_list("frame", "pk"))
        held = {frame for frame in with_vectors if frame in present}
        if held:
            put(vec, {present[frame]: [1, frame] for frame in held})
        sampled = set(probe_item(item).sampled(float(rate)))
        kept |= set(keys)
        assert set(frames_of(item)) == sampled | kept
        kept |= held

    assert Vector.objects.filter(unit__item=item).count() <= len(kept)


def test_processing__samples_by_the_configuration_that_came_meanwhile(
    birds: Folder, actor: Actor, write: Write, tmp_path: Path
) -> None:
    record = ItemRecord("a.mp4", video(tmp_path), config(0))
    (item,) = import_items(actor=actor, folder=birds, records=[record]).items
    write(item, config(2))

    process_item(item_id=item.pk)

    item.refresh_from_db()
    assert item.state == ItemState.READY
    assert frames_of(item) == [0, 5, 10, 15, 20, 25]


def test_sequence__all_frames_unless_a_rate_is_given(birds: Folder, write: Write) -> None:
    item = make_sequence(birds, 7)

    sample_frames(item=item, probe=probe_item(item))
    assert frames_of(item) == [0, 1, 2, 3, 4, 5, 6]
    write(item, config("0.5"))
    assert frames_of(item) == [0, 2, 4, 6]
    write(item, {**config(0), "keyframes": [5]})
    assert frames_of(item) == [0, 5]
    write(item, config(25))
    assert frames_of(item) == [0, 1, 2, 3, 4, 5, 6]
    assert list(Unit.objects.filter(item=item, frame=5).values_list("timestamp")) == [(5.0,)]


def test_sequence__metadata_and_vectors_of_frames_come_back(
    birds: Folder, write: Write, vec: MetadataKey
) -> None:
    item = make_sequence(birds, 5)
    metadata = {
        "vec": [9, 9],
        "keyframes": [1],
        "$encord": {
            "config": {"sampling_rate": 0, "keyframe_mode": "seconds"},
            "frames": {"1.6": {"vec": [1, 2], "note": "a"}, "4.0": {}},
        },
    }

    write(item, metadata)

    assert frames_of(item) == [0, 1, 2, 4]
    assert key_frames_of(item) == [1, 2, 4]
    assert full_metadata([item])[item.pk] == metadata


def test_sequence__errors_name_the_item_and_the_key(birds: Folder, write: Write) -> None:
    item = make_sequence(birds, 3)

    with pytest.raises(InvalidInput) as caught:
        write(item, {"keyframes": [3], "$encord": {"frames": {"9": {}, "-1": {}}}})

    # What cannot be read comes first, then what does not fit the item.
    assert errors_of(caught) == [
        ("items.0.metadata.$encord.frames.-1", "“walk”: “-1” is not a frame number, 0 or more."),
        ("items.0.metadata.$encord.frames.9", "“walk” ends before frame 9."),
        ("items.0.metadata.keyframes", "“walk” ends before frame 3."),
    ]


def test_image__has_no_frames(birds: Folder, write: Write) -> None:
    image = UnitFactory.create(item__folder=birds, item__name="a.png").item

    with pytest.raises(InvalidInput) as caught:
        write(image, {"keyframes": [0]})

    ((path, message),) = errors_of(caught)
    assert path == "items.0.metadata.$encord"
    assert message.startswith("“a.png” has no frames")


def test_seconds__later_frames_are_named_in_the_mode_of_the_item(
    birds: Folder, write: Write
) -> None:
    item = make_video(birds, fps=10, duration=3)
    write(item, config(0, "seconds"))

    write(item, {"$encord": {"frames": {"1.26": {"note": "a"}}}}, merge=True)
    write(item, {"$encord": {"frames": {"2": {"note": "b"}}}})

    assert key_frames_of(item) == [13, 20]
    assert full_metadata([item])[item.pk]["$encord"] == {
        "config": {"sampling_rate": 0, "keyframe_mode": "seconds"},
        "frames": {"1.26": {"note": "a"}, "2": {"note": "b"}},
    }


def test_seconds__what_is_read_after_the_mode_changed_can_be_written_again(
    birds: Folder, write: Write
) -> None:
    item = make_video(birds, fps=10, duration=3)
    write(item, {**config(0, "seconds")})
    write(item, {"$encord": {"frames": {"1.26": {"note": "a"}, "0.5": {}}}})
    # A frame that came by another way stands under its time.
    add_frames(item=item, probe=probe_item(item), numbers=[20], key=True)
    Unit.objects.filter(item=item, frame=20).update(metadata={"note": "c"})
    read = full_metadata([item])[item.pk]
    assert read["$encord"]["frames"] == {"0.5": {}, "1.26": {"note": "a"}, "2": {"note": "c"}}

    write(item, config(1, "frame"))

    read = full_metadata([item])[item.pk]
    assert read["$encord"]["frames"] == {"5": {}, "13": {"note": "a"}, "20": {"note": "c"}}
    write(item, read)
    assert full_metadata([item])[item.pk] == read
    write(item, config(1, "seconds"))
    read = full_metadata([item])[item.pk]
    assert list(read["$encord"]["frames"]) == ["0.5", "1.3", "2"]
    write(item, read)
    assert full_metadata([item])[item.pk] == read
    assert key_frames_of(item) == [5, 13, 20]


def _quarter(number: int) -> float:
    return number / 4


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["frame", "seconds"]),
    st.dictionaries(
        st.integers(0, 29),
        st.fixed_dictionaries(
            {},
            optional={
                "vec": st.lists(st.integers(-99, 99).map(_quarter), min_size=2, max_size=2),
                "note": st.text(alphabet="abc", max_size=3),
            },
        ),
        max_size=5,
    ),
    st.lists(st.integers(0, 29), max_size=3),
    st.booleans(),
)
def test_frames__reading_gives_back_what_was_written(
    birds: Folder,
    write: Write,
    vec: MetadataKey,
    mode: str,
    frames: dict[int, dict[str, Any]],
    listed: list[int],
    is_video: bool,
) -> None:
    item = make_video(birds, fps=10, duration=3) if is_video else make_sequence(birds, 30)
    step = 0.1 if is_video else 1
    named = {str(n) if mode == "frame" else f"{n * step:.2f}": v for n, v in frames.items()}
    metadata: dict[str, Any] = config(0, mode)
    metadata["keyframes"] = listed
    if named:
        metadata["$encord"]["frames"] = named

    write(item, metadata)

    assert full_metadata([item])[item.pk] == metadata
    assert frames_of(item) == sorted({0, *frames, *listed})
    assert key_frames_of(item) == sorted({*frames, *listed})


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared videos are not there")
@pytest.mark.parametrize("name", ["bikes.mp4", "carphone_pristine.mp4"])
def test_real_videos__frames_by_time_during_and_after_the_import(
    name: str, birds: Folder, actor: Actor, write: Write, vec: MetadataKey
) -> None:
    content = (DATA / name).read_bytes()
    with (DATA / name).open("rb") as file:
        probe = probe_video(file, max_pixels=10**9)
    metadata = {**config("0.5", "seconds"), "keyframes": [probe.frame_count - 1]}
    metadata["$encord"]["frames"] = {"1.337": {"vec": [1, 2]}}

    (item,) = import_items(
        actor=actor, folder=birds, records=[ItemRecord(name, content, metadata)]
    ).items
    process_item(item_id=item.pk)
    item.refresh_from_db()
    write(item, {"$encord": {"frames": {str(probe.duration): {"note": "end"}}}}, merge=True)

    sampled = [probe.nearest_frame(2 * n) for n in range(int(probe.timestamps[-1] // 2) + 1)]
    keys = [probe.nearest_frame(1.337), probe.frame_count - 1]
    assert frames_of(item) == sorted({*sampled, *keys})
    assert key_frames_of(item) == keys
    read = full_metadata([item])[item.pk]
    assert read["$encord"]["frames"] == {
        "1.337": {"vec": [1, 2]},
        str(probe.duration): {"note": "end"},
    }
    with pytest.raises(InvalidInput) as caught:
        write(item, {"keyframes": [probe.frame_count]})
    assert errors_of(caught)[0][1] == f"“{name}” ends before frame {probe.frame_count}."
