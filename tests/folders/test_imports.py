"""The import service: items with metadata, vectors and frames, all or nothing."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from folders import filters, hooks
from folders.choices import KeyType
from folders.models import Folder, Item, MetadataKey, Unit
from folders.reading import full_metadata
from folders.services.imports import (
    ItemRecord,
    MetadataChange,
    import_document,
    import_items,
    parse_document,
    update_metadata,
)
from folders.services.processing import process_item
from folders.services.schema import add_key, delete_key
from tests.folders.media_files import png, video

ActorFor = Callable[[User], Actor]


class Vectors:
    """Stores vectors in a dict, in place of the app above."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, int], list[float]] = {}
        self.refused: list[str] = []

    def write(
        self, *, key: MetadataKey, unit_ids: list[int], values: list[list[float]], paths: list[str]
    ) -> None:
        """The sink."""
        for unit_id, value in zip(unit_ids, values, strict=True):
            self.stored[key.name, unit_id] = value

    def remove(self, *, key: MetadataKey, unit_ids: list[int]) -> None:
        """The remover."""
        for unit_id in unit_ids:
            self.stored.pop((key.name, unit_id), None)

    def read(self, *, unit_ids: list[int]) -> dict[int, dict[str, list[float]]]:
        """The source."""
        found: dict[int, dict[str, list[float]]] = {}
        for (name, unit_id), value in self.stored.items():
            if unit_id in unit_ids:
                found.setdefault(unit_id, {})[name] = value
        return found


@pytest.fixture
def vectors(monkeypatch: pytest.MonkeyPatch) -> Vectors:
    """Where vectors go in these tests."""
    vectors = Vectors()
    monkeypatch.setattr(hooks.vector_sink, "function", vectors.write)
    monkeypatch.setattr(hooks.vector_remover, "function", vectors.remove)
    monkeypatch.setattr(hooks.vector_source, "function", vectors.read)
    return vectors


@pytest.fixture
def keys(admin: User, actor_for: ActorFor, organisation: object) -> None:
    """A schema."""
    actor = actor_for(admin)
    add_key(actor=actor, name="vec", type=KeyType.EMBEDDING, dimensions=2)
    add_key(actor=actor, name="label", type=KeyType.ENUM, values=["owl", "tit"])
    add_key(actor=actor, name="score", type=KeyType.NUMBER)
    add_key(actor=actor, name="seen", type=KeyType.DATETIME)
    add_key(actor=actor, name="spot", type=KeyType.GEOSPATIAL)
    add_key(actor=actor, name="ring", type=KeyType.UUID)
    add_key(actor=actor, name="tame", type=KeyType.BOOLEAN)
    add_key(actor=actor, name="note", type=KeyType.VARCHAR)


def record(_name: str = "a.png", /, **metadata: Any) -> ItemRecord:
    """A picture with metadata."""
    return ItemRecord(name=_name, content=png(), metadata=metadata)


def paths_of(error: pytest.ExceptionInfo[InvalidInput]) -> list[str]:
    """Where the errors stand."""
    return [wrong.path for wrong in error.value.errors]


def test_import_items__needs_an_editor(
    birds: Folder, viewer: User, actor_for: ActorFor, keys: None
) -> None:
    with pytest.raises(NotAllowed):
        import_items(actor=actor_for(viewer), folder=birds, records=[record()])

    assert not Item.objects.exists()


def test_import_items__reading_gives_back_what_was_written(
    birds: Folder, editor: User, actor_for: ActorFor, keys: None, vectors: Vectors
) -> None:
    metadata = {
        "vec": [0.5, -2],
        "label": "owl",
        "score": 3,
        "seen": "2026-01-01",
        "spot": {"latitude": 51.5, "longitude": -0.1},
        "ring": str(uuid4()),
        "tame": False,
        "note": None,
        "free": {"any": ["thing", None, True]},
    }

    report = import_items(
        actor=actor_for(editor), folder=birds, records=[ItemRecord("a.png", png(), metadata)]
    )

    (item,) = report.items
    unit = Unit.objects.get(item=item)
    assert full_metadata([item]) == {item.pk: metadata}
    assert "vec" not in item.client_metadata
    assert unit.metadata == item.client_metadata
    assert vectors.stored == {("vec", unit.pk): [0.5, -2]}
    assert report.as_dict() == {
        "items": 1,
        "frames": 0,
        "vectors": {"vec": 1},
        "removed": {},
        "stored_as_text": {},
        "job": str(report.job.pk) if report.job else None,
    }


def test_import_items__uuids_are_taken_in_the_forms_that_filters_find(
    birds: Folder, editor: User, actor_for: ActorFor, keys: None, vectors: Vectors
) -> None:
    actor, ring = actor_for(editor), str(UUID(int=0xABCDEF))
    other = (f"urn:uuid:{ring}", f"{{{ring}}}", ring.replace("-", ""), ring[:-1] + "F", 7)

    with pytest.raises(InvalidInput) as caught:
        import_items(
            actor=actor, folder=birds, records=[record(f"{n}", ring=r) for n, r in enumerate(other)]
        )
    assert paths_of(caught) == [f"items.{n}.metadata.ring" for n in range(len(other))]

    written = [record("small.png", ring=ring), record("capital.png", ring=ring.upper())]
    import_items(actor=actor, folder=birds, records=written)
    tree = filters.parse({"field": "metadata.ring", "op": "eq", "value": ring})
    assert filters.units(actor, birds, tree).count() == 2


def test_import_items__all_errors_come_together_and_nothing_stays(
    birds: Folder, editor: User, actor_for: ActorFor, keys: None, vectors: Vectors
) -> None:
    records = [
        record(label="owl"),
        record("", label="hen"),
        record(score="3", seen="soon", spot=[1, 2], ring="7", tame="yes", note=5),
        record(vec=[1, 2, 3]),
        record(vec=[1, math.nan]),
        record(vec=[1, None]),
        record(vec=[1, True]),
        record(vec=[]),
        record(vec=[[1, 2]]),
        record(vec="1,2"),
        record(vec=[1e39, 0]),
        record(vec=[10**400, 0]),
        record(score=math.inf),
        ItemRecord("a.png", png(), {"$encord": {"frames": {"0": {}}}}),
        ItemRecord("a.png", png(), {"$other": 1}),
        record(free="a\x00b"),
        record(free="\ud800"),
        record(free=math.nan),
        ItemRecord("list.png", png(), [1]),
    ]

    with pytest.raises(InvalidInput) as caught:
        import_items(actor=actor_for(editor), folder=birds, records=records)

    assert paths_of(caught) == [
        "items.1.name",
        "items.1.metadata.label",
        *(f"items.2.metadata.{k}" for k in ("score", "seen", "spot", "ring", "tame", "note")),
        *(f"items.{n}.metadata.vec" for n in range(3, 12)),
        "items.12.metadata.score",
        "items.13.metadata.$encord",
        "items.14.metadata.$other",
        "items.15.metadata.free",
        "items.16.metadata.free",
        "items.17.metadata.free",
        "items.18.metadata",
    ]
    assert "hen" in caught.value.errors[1].found
    assert "owl" in caught.value.errors[1].expected
    assert not Item.objects.exists()
    assert not default_storage.exists("items")


def test_import_items__text_that_looks_like_an_escape_is_kept(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    report = import_items(
        actor=actor_for(editor), folder=birds, records=[record(free="\\u0000", other="\\\\u0000")]
    )

    item = Item.objects.get(pk=report.items[0].pk)
    assert item.client_metadata == {"free": "\\u0000", "other": "\\\\u0000"}


def test_import_items__vector_without_a_key_is_stored_as_text(
    birds: Folder, editor: User, admin: User, actor_for: ActorFor, keys: None, vectors: Vectors
) -> None:
    delete_key(actor=actor_for(admin), key=MetadataKey.objects.get(name="vec"))

    report = import_items(
        actor=actor_for(editor),
        folder=birds,
        records=[record(clip=[1, 2.5]), record(clip=[3], vec=[1, 2], words=["a", 1])],
    )

    assert report.stored_as_text == {"clip": 2, "vec": 1}
    assert report.warnings[0].startswith("2 values under “clip” were stored as text")
    assert report.items[0].client_metadata == {"clip": "[1, 2.5]"}
    assert report.items[1].client_metadata["words"] == ["a", 1]
    assert not vectors.stored


def test_import_items__refusal_of_the_sink_undoes_everything(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core.errors import FieldError

    def refuse(*, paths: list[str], **others: object) -> None:
        raise InvalidInput(errors=[FieldError(path, "No.") for path in paths])

    monkeypatch.setattr(hooks.vector_sink, "function", refuse)

    with pytest.raises(InvalidInput) as caught:
        import_items(
            actor=actor_for(editor), folder=birds, records=[record(vec=[1, 2]), record(vec=[3, 4])]
        )

    assert paths_of(caught) == ["items.0.metadata.vec", "items.1.metadata.vec"]
    assert not Item.objects.exists()
    assert not any(
        default_storage.listdir("items/" + f)[0] for f in default_storage.listdir("items")[0]
    )


def test_import_items__frames_of_a_video_become_key_frames(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
    tmp_path: Path,
) -> None:
    metadata = {
        "score": 1,
        "keyframes": [7],
        "$encord": {
            "config": {"sampling_rate": "0", "keyframe_mode": "seconds"},
            "frames": {"1.52": {"vec": [1, 2], "label": "owl"}, "0.3": {"score": 5}},
        },
    }
    clip = ItemRecord("clip.mp4", video(tmp_path), metadata)

    report = import_items(actor=actor_for(editor), folder=birds, records=[clip])

    (item,) = report.items
    frames = {unit.frame or 0: unit for unit in Unit.objects.filter(item=item, kind="frame")}
    assert sorted(frames) == [3, 7, 15]
    assert all(unit.is_key_frame for unit in frames.values())
    assert frames[15].metadata == {"label": "owl"}
    assert frames[15].timestamp == pytest.approx(1.5)
    assert vectors.stored == {("vec", frames[15].pk): [1, 2]}
    assert full_metadata([item])[item.pk] == metadata
    process_item(item_id=item.pk)
    frames_now = Unit.objects.filter(item=item, kind="frame").order_by("frame")
    # At rate 0 the first frame is the only one that is not a key frame.
    assert list(frames_now.values_list("frame", flat=True)) == [0, 3, 7, 15]
    assert Unit.objects.get(item=item, frame=None).metadata == {"score": 1}


@pytest.mark.parametrize(
    ("encord", "path"),
    [
        ({"frames": {"30": {}}}, "$encord.frames.30"),
        ({"frames": {"-1": {}}}, "$encord.frames.-1"),
        ({"frames": {"1.5": {}}}, "$encord.frames.1.5"),
        ({"frames": {"3": 5}}, "$encord.frames.3"),
        ({"frames": []}, "$encord.frames"),
        ({"frames": {"3": {"vec": [1]}}}, "$encord.frames.3.vec"),
        (
            {"config": {"keyframe_mode": "seconds"}, "frames": {"1.01": {}, "1.02": {}}},
            "$encord.frames.1.02",
        ),
        ({"config": {"keyframe_mode": "seconds"}, "frames": {"99": {}}}, "$encord.frames.99"),
        ({"config": {"keyframe_mode": "minutes"}}, "$encord.config.keyframe_mode"),
        ({"config": {"sampling_rate": -1}}, "$encord.config.sampling_rate"),
        ({"config": {"sampling_rate": None}}, "$encord.config.sampling_rate"),
        ({"colour": 1}, "$encord.colour"),
        (7, "$encord"),
    ],
)
def test_import_items__wrong_frames_are_named(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
    tmp_path: Path,
    encord: Any,
    path: str,
) -> None:
    clip = ItemRecord("clip.mp4", video(tmp_path), {"$encord": encord})

    with pytest.raises(InvalidInput) as caught:
        import_items(actor=actor_for(editor), folder=birds, records=[clip])

    assert paths_of(caught) == [f"items.0.metadata.{path}"]


def test_import_items__key_frames_beyond_the_end_and_broken_video(
    birds: Folder, editor: User, actor_for: ActorFor, tmp_path: Path
) -> None:
    content = video(tmp_path)
    records = [
        ItemRecord("a.mp4", content, {"keyframes": [2, 30]}),
        ItemRecord("b.mp4", content, {"keyframes": ["2"]}),
        ItemRecord("c.mp4", content[:200], {"keyframes": [2]}),
    ]

    with pytest.raises(InvalidInput) as caught:
        import_items(actor=actor_for(editor), folder=birds, records=records)

    assert paths_of(caught) == [
        "items.0.metadata.keyframes",
        "items.1.metadata.keyframes.0",
        "items.2.metadata.$encord",
    ]


def imported(actor: Actor, folder: Folder, *records: ItemRecord) -> list[Item]:
    """Items that are there already."""
    return import_items(actor=actor, folder=folder, records=records).items


def test_update_metadata__is_refused_for_viewers_and_strangers(
    birds: Folder,
    editor: User,
    viewer: User,
    outsider: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
) -> None:
    (item,) = imported(actor_for(editor), birds, record(label="owl"))
    change = MetadataChange(item.pk, {"label": "tit"})

    with pytest.raises(NotAllowed):
        update_metadata(actor=actor_for(viewer), changes=[change])
    with pytest.raises(InvalidInput) as foreign:
        update_metadata(actor=actor_for(outsider), changes=[change])
    with pytest.raises(InvalidInput) as unknown:
        update_metadata(actor=actor_for(outsider), changes=[MetadataChange(uuid4(), {})])

    assert paths_of(foreign) == paths_of(unknown) == ["items.0.id"]
    assert foreign.value.errors[0].message == unknown.value.errors[0].message


def test_update_metadata__replaces_values_but_keeps_vectors(
    birds: Folder, editor: User, actor_for: ActorFor, keys: None, vectors: Vectors
) -> None:
    actor = actor_for(editor)
    (item,) = imported(actor, birds, record(label="owl", score=1, vec=[1, 2]))

    update_metadata(actor=actor, changes=[MetadataChange(item.pk, {"score": 2})])

    item.refresh_from_db()
    assert full_metadata([item])[item.pk] == {"score": 2, "vec": [1, 2]}
    assert Unit.objects.get(item=item).metadata == {"score": 2}


def test_update_metadata__null_removes_a_vector(
    birds: Folder, editor: User, actor_for: ActorFor, keys: None, vectors: Vectors
) -> None:
    actor = actor_for(editor)
    (item,) = imported(actor, birds, record(label="owl", vec=[1, 2]))

    change = MetadataChange(item.pk, {"vec": None})
    report = update_metadata(actor=actor, changes=[change], merge=True)

    item.refresh_from_db()
    assert full_metadata([item])[item.pk] == {"label": "owl"}
    assert report.removed == {"vec": 1}


def test_update_metadata__frames_that_are_not_named_keep_theirs(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
    tmp_path: Path,
) -> None:
    actor = actor_for(editor)
    frames = {"3": {"label": "owl", "score": 1}, "5": {"vec": [1, 2]}}
    clip = ItemRecord("clip.mp4", video(tmp_path), {"$encord": {"frames": frames}})
    (item,) = imported(actor, birds, clip)

    change = {"$encord": {"frames": {"3": {"score": 2}, "9": {"vec": [3, 4]}}}}
    update_metadata(actor=actor, changes=[MetadataChange(item.pk, change)])

    item.refresh_from_db()
    stored = full_metadata([item])[item.pk]["$encord"]["frames"]
    assert stored == {"3": {"score": 2}, "5": {"vec": [1, 2]}, "9": {"vec": [3, 4]}}


def test_update_metadata__all_errors_of_a_batch(
    birds: Folder, editor: User, actor_for: ActorFor, keys: None, vectors: Vectors
) -> None:
    actor = actor_for(editor)
    items = imported(actor, birds, record(label="owl"), record(label="tit"))
    changes = [
        MetadataChange(items[0].pk, {"label": "hen"}),
        MetadataChange(items[1].pk, {"vec": [1]}),
        MetadataChange(items[0].pk, {"label": "owl"}),
    ]

    with pytest.raises(InvalidInput) as caught:
        update_metadata(actor=actor, changes=changes)

    assert paths_of(caught) == ["items.0.metadata.label", "items.1.metadata.vec", "items.2.id"]
    assert sorted(Item.objects.values_list("client_metadata__label", flat=True)) == ["owl", "tit"]


def test_import_document__names_items_by_name_or_id(
    birds: Folder,
    night: Folder,
    editor: User,
    viewer: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
) -> None:
    actor = actor_for(editor)
    (owl,) = imported(actor, birds, record("owl.png", label="owl"))
    (tit,) = imported(actor, night, record("tit.png"))
    document = {
        "items": [
            {"name": "owl.png", "metadata": {"vec": [1, 2]}},
            {"id": str(tit.pk), "metadata": {"vec": [3, 4], "label": "tit"}},
        ]
    }
    with pytest.raises(NotAllowed):
        import_document(actor=actor_for(viewer), folder=birds, document=document)

    report = import_document(actor=actor, folder=birds, document=document)

    assert report.vectors == {"vec": 2}
    owl.refresh_from_db()
    # Laid over what is there, not in its place.
    assert full_metadata([owl])[owl.pk] == {"label": "owl", "vec": [1, 2]}


def test_import_document__rows_that_name_no_item_are_errors(
    birds: Folder,
    night: Folder,
    boats: Folder,
    editor: User,
    admin: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
) -> None:
    actor = actor_for(editor)
    imported(actor, birds, record("same.png"), record("one.png"))
    imported(actor, night, record("same.png"))
    (elsewhere,) = imported(actor_for(admin), boats, record("boat.png"))
    document = {
        "items": [
            {"name": "same.png", "metadata": {}},
            {"name": "none.png", "metadata": {}},
            {"id": str(elsewhere.pk), "metadata": {}},
            {"id": "7", "metadata": {}},
            {"metadata": {}},
            {"name": "one.png"},
            {"name": "one.png", "metadata": {"label": "hen"}},
            {"name": "one.png", "metadata": {}, "colour": 1},
            5,
        ]
    }

    with pytest.raises(InvalidInput) as caught:
        import_document(actor=actor, folder=birds, document=document)

    assert set(paths_of(caught)) == {
        "items.0.name",
        "items.1.name",
        "items.2.id",
        "items.3.id",
        "items.4",
        "items.5.metadata",
        "items.6.metadata.label",
        "items.7.colour",
        "items.7.id",
        "items.8",
    }


@pytest.mark.parametrize("document", [None, [], {}, {"items": []}, {"items": {}}])
def test_import_document__needs_items(
    birds: Folder, editor: User, actor_for: ActorFor, document: object
) -> None:
    with pytest.raises(InvalidInput) as caught:
        import_document(actor=actor_for(editor), folder=birds, document=document)

    assert paths_of(caught) == ["items"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_parse_document__anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_document(content)

    assert parse_document(json.dumps({"a": 1}).encode()) == {"a": 1}


@pytest.mark.parametrize("key", ["score", "not-in-the-schema"])
def test_update_metadata__integers_beyond_every_float_are_refused(
    birds: Folder, editor: User, actor_for: ActorFor, keys: None, vectors: Vectors, key: str
) -> None:
    actor = actor_for(editor)
    (item,) = imported(actor, birds, record(label="owl"))

    with pytest.raises(InvalidInput) as refused:
        update_metadata(actor=actor, changes=[MetadataChange(item.pk, {key: 10**400})])

    assert paths_of(refused) == [f"items.0.metadata.{key}"]


def test_update_metadata__a_rate_beyond_all_frames_takes_each(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    keys: None,
    vectors: Vectors,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actor = actor_for(editor)
    (item,) = imported(actor, birds, ItemRecord("clip.mp4", video(tmp_path), {}))
    change = MetadataChange(item.pk, {"$encord": {"config": {"sampling_rate": 1e308}}})
    with monkeypatch.context() as patch:
        patch.setattr("folders.services.frames.MAX_FRAMES", 3)
        with pytest.raises(InvalidInput) as refused:
            update_metadata(actor=actor, changes=[change])
    assert paths_of(refused) == ["items.0.metadata.$encord"]

    update_metadata(actor=actor, changes=[change])

    assert Unit.objects.filter(item=item, kind="frame").count() == 30


def test_parse_document__numbers_of_too_many_digits_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_document(b"[" + b"1" * 5000 + b"]")

    assert refused.value.code == "not_json"


@pytest.mark.parametrize("moment", ["2026-W05-6", "2026-01-31T12", "2026-01-31T12:00:00,5"])
def test_update_metadata__moments_that_filters_cannot_see_are_refused(
    birds: Folder, admin: User, actor_for: ActorFor, moment: str
) -> None:
    actor = actor_for(admin)
    add_key(actor=actor, name="taken", type=KeyType.DATETIME)
    (item,) = imported(actor, birds, record())

    with pytest.raises(InvalidInput):
        update_metadata(actor=actor, changes=[MetadataChange(item.pk, {"taken": moment})])


@pytest.mark.parametrize(
    "moment",
    [
        *("2026-01-31", "2026-01-31T12:00", "2026-01-31 12:00:00.25", "2026-01-31T12:00:00Z"),
        *("2026-01-31T12:00+01:00", "2026-01-31T12:00:00+0100", "20260131", "20260131T120000Z"),
    ],
)
def test_update_metadata__moments_that_are_taken_are_found(
    birds: Folder, admin: User, actor_for: ActorFor, moment: str
) -> None:
    actor = actor_for(admin)
    add_key(actor=actor, name="taken", type=KeyType.DATETIME)
    (item,) = imported(actor, birds, record())

    update_metadata(actor=actor, changes=[MetadataChange(item.pk, {"taken": moment})])

    tree = {"field": "metadata.taken", "op": "gte", "value": "2026-01-31"}
    assert filters.units(actor, birds, filters.parse(tree)).count() == 1
