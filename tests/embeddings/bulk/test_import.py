"""Bulk imports of vectors: found by id, name, address or frame; all or nothing; bit for bit."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from core.models import AuditEvent
from embeddings.matrix import read_matrix
from embeddings.models import Vector, VectorChange, VectorSet
from folders.choices import ImportState, ItemKind, KeyType, UnitKind
from folders.models import Folder, Import, Item, MetadataKey, Unit
from folders.services.data_imports import carry_out, start_import
from folders.services.items import upload_item
from tests.embeddings.bulk.files import FORMATS, made, npy, npz, parquet
from tests.embeddings.worlds import make_key, make_units, put, stored
from tests.factories import ItemFactory, UnitFactory
from tests.folders.media_files import video
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
Importing = Callable[..., Import]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def importing(birds: Folder, editor: User, actor_for: ActorFor) -> Importing:
    """Imports a file as the editor of Birds, to the end."""

    def run(content: bytes, key: Any, **options: Any) -> Import:
        dry_run = options.pop("dry_run", False)
        row = start_import(
            actor=actor_for(editor),
            folder=options.pop("folder", birds),
            kind="vectors",
            file=io.BytesIO(content),
            file_name="vectors.npz",
            options={"key": key.name if isinstance(key, MetadataKey) else key, **options},
            dry_run=dry_run,
        )
        run_jobs()
        row.refresh_from_db()
        return row

    return run


def names(units: list[int]) -> list[str]:
    """Names of the items of units, in their order."""
    by_unit = dict(Unit.objects.filter(pk__in=units).values_list("pk", "item__name"))
    return [by_unit[unit] for unit in units]


def archive(ids: Any, vectors: Any, **more: Any) -> bytes:
    return npz(ids=np.array(ids, dtype=str), vectors=np.array(vectors, dtype=np.float32), **more)


def codes(row: Import) -> list[tuple[str, str]]:
    return [(error["path"], error["code"]) for error in row.errors]


@pytest.mark.parametrize("form", FORMATS)
def test_names__in_the_folder_and_below(
    form: str, birds: Folder, night: Folder, key: MetadataKey, importing: Importing
) -> None:
    above, below = make_units(birds, 1), make_units(night, 2)
    Item.objects.filter(units__in=below[:1]).update(name="tab\tand \\slash.png")
    Item.objects.filter(units__in=below[1:]).update(name="ä\nb.png")
    units = [below[1], above[0], below[0]]
    matrix = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32)

    row = importing(made(form, names(units), matrix), key)

    assert (row.state, row.errors) == (ImportState.DONE, [])
    found = stored(key)
    assert [found[unit].tolist() for unit in units] == matrix.tolist()
    assert row.report["vectors"] == {key.name: 3}
    assert row.report["details"]["id_kind"] == "name"
    assert VectorSet.objects.get(key=key).revision == 1
    assert set(VectorChange.objects.values_list("unit_id", flat=True)) == set(units)
    event = AuditEvent.objects.get(action="vectors.imported")
    assert event.data == {"key": key.name, "count": 3, "import": str(row.pk)}
    norms = dict(Vector.objects.filter(key=key).values_list("unit_id", "norm"))
    assert norms[units[0]] == pytest.approx(5**0.5)


def test_ids_and_addresses__are_told_by_their_look(
    birds: Folder, key: MetadataKey, importing: Importing
) -> None:
    first, second = make_units(birds, 2)
    item = Unit.objects.get(pk=first).item_id
    Item.objects.filter(units=second).update(object_url="s3://bucket/b.png")

    by_id = importing(archive([str(item).upper()], [[1, 2]]), key)
    by_url = importing(archive(["s3://bucket/b.png"], [[3, 4]]), key)

    assert by_id.report["details"]["id_kind"] == "item"
    assert by_url.report["details"]["id_kind"] == "url"
    assert stored(key)[first].tolist() == [1, 2]
    assert stored(key)[second].tolist() == [3, 4]


def test_id_kind__as_asked(birds: Folder, key: MetadataKey, importing: Importing) -> None:
    (unit,) = make_units(birds, 1)
    odd = str(uuid4())
    Item.objects.filter(units=unit).update(name=odd)

    assert importing(archive([odd], [[1, 2]]), key).error_count == 1
    assert importing(archive([odd], [[1, 2]]), key, id_kind="name").state == ImportState.DONE


def test_every_wrong_row__is_named_and_nothing_written(
    birds: Folder, night: Folder, boats: Folder, key: MetadataKey, importing: Importing
) -> None:
    units = make_units(birds, 6)
    for unit in make_units(night, 1):
        Item.objects.filter(units=unit).update(name="image-00005.png")
    make_units(boats, 1)
    (elsewhere,) = make_units(boats, 1)
    Item.objects.filter(units=elsewhere).update(name="boat.png")
    rows = [
        ("image-00000.png", [1, 2]),
        ("image-00001.png", [np.nan, 2]),
        ("image-00002.png", [1, -np.inf]),
        ("image-00000.png", [3, 4]),
        ("nobody.png", [1, 2]),
        ("boat.png", [1, 2]),
        ("image-00005.png", [1, 2]),
        ("", [1, 2]),
        ("image-00003.png", [0, -0.0]),
    ]

    row = importing(archive([one for one, _ in rows], [vector for _, vector in rows]), key)

    assert row.state == ImportState.FAILED
    assert sorted(codes(row)) == [
        ("rows.1.vector.0", "not_finite"),
        ("rows.2.vector.1", "not_finite"),
        ("rows.3", "repeated"),
        ("rows.4.id", "unknown_item"),
        ("rows.5.id", "unknown_item"),
        ("rows.6.id", "ambiguous"),
        ("rows.7.id", "not_an_id"),
    ]
    assert stored(key) == {}
    details = row.report["details"]
    assert {name: details[name] for name in ("matched", "unmatched", "zero", "to_write")} == {
        "matched": 5,
        "unmatched": 2,
        "zero": 1,
        "to_write": 2,
    }

    again = importing(
        archive([one for one, _ in rows], [vector for _, vector in rows]), key, ignore_errors=True
    )
    assert again.state == ImportState.DONE
    assert set(stored(key)) == {units[0], units[3]}
    assert (again.report["vectors"], again.report["failed"]) == ({key.name: 2}, 7)


def test_dry_run__shows_what_would_be_written(
    birds: Folder, key: MetadataKey, importing: Importing, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 2)
    put(key, {units[0]: [9, 9]})
    content = archive(names(units), np.array([[1, 2], [3, 4]]))

    row = importing(content, key, dry_run=True)

    assert row.state == ImportState.CHECKED
    assert stored(key)[units[0]].tolist() == [9, 9]
    assert row.report["sample"][1] == {
        "row": 1,
        "id": "image-00001.png",
        "frame": None,
        "values": [3.0, 4.0],
    }
    assert row.report["details"]["replaced"] == 1
    assert any("they are replaced" in warning for warning in row.report["warnings"])

    carry_out(actor=actor_for(editor), row=row)
    run_jobs()
    row.refresh_from_db()
    assert row.state == ImportState.DONE
    assert [stored(key)[unit].tolist() for unit in units] == [[1, 2], [3, 4]]


def test_upsert__can_be_switched_off(birds: Folder, key: MetadataKey, importing: Importing) -> None:
    units = make_units(birds, 2)
    put(key, {units[0]: [9, 9]})
    content = archive(names(units), [[1, 2], [3, 4]])

    refused = importing(content, key, upsert=False)
    assert codes(refused) == [("rows.0", "exists")]
    assert set(stored(key)) == {units[0]}

    importing(content, key, upsert=False, ignore_errors=True)
    assert stored(key)[units[0]].tolist() == [9, 9]
    assert stored(key)[units[1]].tolist() == [3, 4]


def test_new_key__is_made_with_its_vectors(
    birds: Folder, importing: Importing, editor: User, actor_for: ActorFor
) -> None:
    (unit,) = make_units(birds, 1)
    wrong = archive(["nobody.png"], [[1, 2, 3]])
    right = archive(names([unit]), [[1, 2, 3]])

    importing(wrong, {"create": "clip", "metric": "l2"})
    assert not MetadataKey.objects.filter(name="clip").exists()

    importing(right, {"create": "clip", "metric": "l2"})
    key = MetadataKey.objects.get(name="clip")
    assert (key.type, key.dimensions, key.metric) == (KeyType.EMBEDDING, 3, "l2")
    assert stored(key)[unit].tolist() == [1, 2, 3]

    with pytest.raises(InvalidInput, match="has a key “clip” already"):
        importing(right, {"create": "clip"})


def test_key_without_a_size__takes_that_of_the_file(birds: Folder, importing: Importing) -> None:
    (unit,) = make_units(birds, 1)
    key = make_key(birds, dimensions=None)

    importing(archive(names([unit]), [[1, 2, 3]]), key)

    key.refresh_from_db()
    assert key.dimensions == 3


def test_wrong_length__is_refused_as_a_whole(
    birds: Folder, key: MetadataKey, importing: Importing
) -> None:
    (unit,) = make_units(birds, 1)

    row = importing(archive(names([unit]), [[1, 2, 3]]), key)

    assert row.state == ImportState.FAILED
    assert "takes vectors of 2 numbers; those of the file have 3" in row.failure


def test_files__without_ids_or_that_are_none(
    birds: Folder, key: MetadataKey, importing: Importing
) -> None:
    assert "has no ids" in importing(npy(np.ones((1, 2), dtype=np.float32)), key).failure
    assert "neither .npy" in importing(b"hello", key).failure


def test_float64__is_said_to_be_rounded(
    birds: Folder, key: MetadataKey, importing: Importing
) -> None:
    (unit,) = make_units(birds, 1)

    row = importing(npz(ids=np.array(names([unit])), vectors=np.array([[0.1, 1e-50]])), key)

    assert row.report["details"]["dtype"] == "float64"
    assert any("rounded once to float32" in warning for warning in row.report["warnings"])
    assert stored(key)[unit].tolist() == [np.float32(0.1), 0]


def test_options__are_checked_at_once(
    birds: Folder, key: MetadataKey, importing: Importing
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"key": ""}, "options.key"),
        ({"key": 7}, "options.key"),
        ({"key": "nix"}, "options.key"),
        ({"key": {"create": "a b!"}}, "options.key"),
        ({"key": {"create": "new", "metric": "far"}}, "options.metric"),
        ({"key": {"make": "new"}}, "options.key"),
        ({"id_kind": "title"}, "options.id_kind"),
        ({"id_column": 3}, "options.id_column"),
        ({"upsert": "perhaps"}, "options.upsert"),
        ({"nix": 1}, "options.nix"),
    ]
    for options, path in wrong:
        with pytest.raises(InvalidInput) as caught:
            importing(b"", **{"key": key, **options})
        assert [error.path for error in caught.value.errors] == [path], options
    assert not Import.objects.exists()


def test_permission__viewers_import_nothing(
    birds: Folder, key: MetadataKey, viewer: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        start_import(
            actor=actor_for(viewer),
            folder=birds,
            kind="vectors",
            file=io.BytesIO(b""),
            file_name="a.npy",
            options={"key": key.name},
        )


def test_folder__items_above_and_beside_are_not_found(
    birds: Folder, night: Folder, key: MetadataKey, importing: Importing
) -> None:
    make_units(birds, 1)
    (below,) = make_units(night, 1)

    row = importing(archive(["image-00000.png"], [[1, 2]]), key, folder=night)

    assert row.state == ImportState.DONE
    assert set(stored(key)) == {below}


def test_frames__become_key_frames(
    birds: Folder,
    key: MetadataKey,
    importing: Importing,
    editor: User,
    actor_for: ActorFor,
    tmp_path: Path,
) -> None:
    item = upload_item(
        actor=actor_for(editor),
        folder=birds,
        file=io.BytesIO(video(tmp_path, frames=10)),
        name="v.mp4",
    )
    run_jobs()
    sampled = Unit.objects.get(item=item, frame=0)
    frames = np.array([0, 7, -1], dtype=np.int64)
    content = archive(["v.mp4"] * 3, [[1, 2], [3, 4], [5, 6]], frames=frames)

    row = importing(content, key)

    assert (row.state, row.report["frames"]) == (ImportState.DONE, 1)
    units = {unit.frame: unit for unit in Unit.objects.filter(item=item)}
    assert (units[0].pk, units[0].is_key_frame) == (sampled.pk, True)
    assert units[7].is_key_frame
    assert {unit.frame: stored(key)[unit.pk].tolist() for unit in units.values()} == {
        0: [1, 2],
        7: [3, 4],
        None: [5, 6],
    }


def test_frames__beyond_the_end_twice_or_of_pictures(
    birds: Folder,
    key: MetadataKey,
    importing: Importing,
    editor: User,
    actor_for: ActorFor,
    tmp_path: Path,
) -> None:
    upload_item(
        actor=actor_for(editor),
        folder=birds,
        file=io.BytesIO(video(tmp_path, frames=10)),
        name="v.mp4",
    )
    run_jobs()
    make_units(birds, 1)
    ids = ["v.mp4", "v.mp4", "v.mp4", "image-00000.png"]
    frames = np.array([10, 3, 3, 0])

    row = importing(archive(ids, np.ones((4, 2)), frames=frames), key)

    assert sorted(codes(row)) == [
        ("rows.0.frame", "unknown_frame"),
        ("rows.2", "repeated"),
        ("rows.3.frame", "no_frames"),
    ]
    assert not Unit.objects.filter(frame=3).exists()


def test_parts__of_a_sequence_are_its_frames(
    birds: Folder, key: MetadataKey, importing: Importing
) -> None:
    sequence = ItemFactory.create(folder=birds, kind=ItemKind.IMAGE_SEQUENCE, name="walk")
    UnitFactory.create(item=sequence, kind=UnitKind.IMAGE_SEQUENCE)
    for position in range(2):
        ItemFactory.create(
            folder=birds, name=f"step-{position}.png", parent=sequence, position=position
        )
    frame = UnitFactory.create(item=sequence, kind=UnitKind.FRAME, frame=0, timestamp=0.0)
    group = ItemFactory.create(folder=birds, kind=ItemKind.IMAGE_GROUP, name="pair")
    UnitFactory.create(item=group, kind=UnitKind.IMAGE_GROUP)
    left = UnitFactory.create(
        item=ItemFactory.create(folder=birds, name="left.png", parent=group, position=0)
    )

    row = importing(
        archive(["step-0.png", "step-1.png", "left.png"], [[1, 2], [3, 4], [5, 6]]), key
    )

    assert row.state == ImportState.DONE, row.errors
    found = stored(key)
    assert found[frame.pk].tolist() == [1, 2]
    assert found[left.pk].tolist() == [5, 6]
    assert found[Unit.objects.get(item=sequence, frame=1).pk].tolist() == [3, 4]


def test_items_that_go_between_check_and_write(
    birds: Folder, key: MetadataKey, importing: Importing, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 3)
    content = archive(names(units), [[1, 2], [3, 4], [5, 6]])
    strict = importing(content, key, dry_run=True)
    lenient = importing(content, key, dry_run=True)
    Item.objects.filter(units=units[1]).delete()

    carry_out(actor=actor_for(editor), row=strict)
    run_jobs()
    strict.refresh_from_db()
    assert strict.state == ImportState.FAILED
    assert "changed since the check" in strict.failure
    assert stored(key) == {}

    carry_out(actor=actor_for(editor), row=lenient, ignore_errors=True)
    run_jobs()
    lenient.refresh_from_db()
    assert lenient.state == ImportState.DONE
    assert set(stored(key)) == {units[0], units[2]}
    assert codes(lenient) == [("rows.1.id", "unknown_item")]


def test_key_that_goes_between_check_and_write(
    birds: Folder, key: MetadataKey, importing: Importing, editor: User, actor_for: ActorFor
) -> None:
    (unit,) = make_units(birds, 1)
    row = importing(archive(names([unit]), [[1, 2]]), key, dry_run=True)
    key.delete()

    carry_out(actor=actor_for(editor), row=row)
    run_jobs()
    row.refresh_from_db()

    assert row.state == ImportState.FAILED


def test_parquet__rows_with_nulls_are_left_out(
    birds: Folder, key: MetadataKey, importing: Importing
) -> None:
    units = make_units(birds, 3)
    vectors = pa.array([[1.0, 2.0], None, [3.0, None]], type=pa.list_(pa.float32()))

    row = importing(parquet(name=pa.array(names(units)), clip=vectors), key, ignore_errors=True)

    assert row.state == ImportState.DONE
    assert {unit: vector.tolist() for unit, vector in stored(key).items()} == {units[0]: [1, 2]}
    assert sorted(codes(row)) == [
        ("rows.1.vector", "not_a_vector"),
        ("rows.2.vector.1", "not_a_number"),
    ]


def test_many_rows__of_several_batches(birds: Folder, importing: Importing) -> None:
    units = make_units(birds, 3000)
    key = make_key(birds, dimensions=700)
    matrix = np.random.default_rng(5).standard_normal((3000, 700)).astype(np.float32)
    order = np.random.default_rng(6).permutation(3000)
    all_names = names(units)
    shuffled = [all_names[place] for place in order]

    row = importing(made("npz", shuffled, matrix[order]), key)

    assert row.state == ImportState.DONE
    found = stored(key)
    assert all((found[unit] == matrix[place]).all() for place, unit in enumerate(units))


def test_empty_file__writes_nothing(birds: Folder, key: MetadataKey, importing: Importing) -> None:
    empty = npz(ids=np.array([], dtype="U5"), vectors=np.zeros((0, 2), dtype=np.float32))

    row = importing(empty, key)

    assert (row.state, row.report["vectors"]) == (ImportState.DONE, {key.name: 0})


FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    matrix=arrays(np.float32, st.tuples(st.integers(1, 4), st.just(3)), elements=FLOATS),
    form=st.sampled_from(FORMATS),
)
def test_any_matrix__lies_in_the_database_bit_for_bit(
    matrix: npt.NDArray[np.float32], form: str, birds: Folder, importing: Importing
) -> None:
    units = make_units(birds, len(matrix))
    for unit in units:
        Item.objects.filter(units=unit).update(name=f"unit-{unit}")
    key = make_key(birds, dimensions=3)

    row = importing(made(form, [f"unit-{unit}" for unit in units], matrix), key)

    assert row.state == ImportState.DONE
    back = read_matrix(root_id=birds.root_id, key=key, skip_zero=False)
    assert back.unit_ids.tolist() == units
    assert back.values.view(np.uint32).tolist() == matrix.view(np.uint32).tolist()
