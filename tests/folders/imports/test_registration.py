"""Registrations: what they make, what is refused, what is skipped."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from folders.choices import ImportState, ItemKind, ItemState, KeyType, UnitKind
from folders.imports.errors import as_csv, as_json_lines, stored_errors
from folders.imports.registration import duplicates
from folders.models import Folder, Import, Item, Unit
from folders.reading import full_metadata
from folders.services.schema import add_key
from integrations.services.integrations import default_integration
from tests.folders.imports.files import SITE, image, paths, run_import, video

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


@pytest.fixture
def keys(admin: User, actor_for: ActorFor) -> None:
    """A schema."""
    administrator = actor_for(admin)
    add_key(actor=administrator, name="clip", type=KeyType.EMBEDDING, dimensions=2)
    add_key(actor=administrator, name="label", type=KeyType.ENUM, values=["owl", "tit"])
    add_key(actor=administrator, name="score", type=KeyType.NUMBER)


def metadata_of(name: str) -> dict[str, Any]:
    """The metadata of the one item of the name."""
    item = Item.objects.get(name=name)
    return full_metadata([item])[item.pk]


def test_registration__needs_an_editor(birds: Folder, viewer: User, actor_for: ActorFor) -> None:
    with pytest.raises(NotAllowed):
        run_import(actor_for(viewer), birds, {"images": [image("a.png")]})

    assert not Import.objects.exists()


def test_registration__makes_items_of_every_kind(birds: Folder, actor: Actor, keys: None) -> None:
    document = {
        "images": [
            image("dir/a.png", clientMetadata={"label": "owl", "clip": [0.5, -2.25]}),
            image("b.png", title="Bee"),
        ],
        "videos": [video("c.mp4", clientMetadata={"score": 3})],
        "image_groups": [
            {
                "title": "Group",
                "createVideo": False,
                "objectUrl_0": f"{SITE}/g0.png",
                "objectUrl_1": f"{SITE}/g1.png",
                "clientMetadata": {"clip": [1, 2]},
            },
            {
                "title": "Sequence",
                "createVideo": True,
                **{f"objectUrl_{n}": f"{SITE}/s{n}.png" for n in range(12)},
            },
        ],
    }

    row = run_import(actor, birds, document)

    assert (row.state, row.failure, row.errors) == (ImportState.DONE, "", [])
    assert row.report["created"] == 5
    assert row.report["counts"] == {
        "image": 2,
        "video": 1,
        "image_group": 1,
        "image_sequence": 1,
    }
    kinds = dict(Item.objects.filter(parent=None).values_list("name", "kind"))
    assert kinds == {
        "/dir/a.png": ItemKind.IMAGE,
        "Bee": ItemKind.IMAGE,
        "/c.mp4": ItemKind.VIDEO,
        "Group": ItemKind.IMAGE_GROUP,
        "Sequence": ItemKind.IMAGE_SEQUENCE,
    }
    assert metadata_of("/dir/a.png") == {"label": "owl", "clip": [0.5, -2.25]}
    assert metadata_of("Group") == {"clip": [1, 2]}
    group, sequence = Item.objects.get(name="Group"), Item.objects.get(name="Sequence")
    parts = group.parts.order_by("position")
    assert [part.object_url for part in parts] == [f"{SITE}/g0.png", f"{SITE}/g1.png"]
    assert [part.units.count() for part in parts] == [1, 1]
    # Beyond the ninth, positions are numbers, not texts.
    assert [p.object_url for p in sequence.parts.order_by("position")][10] == f"{SITE}/s10.png"
    assert not Unit.objects.filter(item__parent=sequence).exists()
    frames = sequence.units.filter(kind=UnitKind.FRAME).order_by("frame")
    assert list(frames.values_list("frame", flat=True)) == list(range(12))
    integration = default_integration(actor.organisation)
    assert set(Item.objects.filter(object_url__startswith=SITE).values_list("integration")) == {
        (integration.pk,)
    }


def test_registration__given_measures_make_items_ready_without_fetching(
    birds: Folder, actor: Actor
) -> None:
    run_import(actor, birds, {"images": [image("a.png")], "videos": [video("c.mp4")]})

    picture, clip = Item.objects.get(name="/a.png"), Item.objects.get(name="/c.mp4")
    assert (picture.state, picture.width, picture.mime_type) == (ItemState.READY, 32, "image/png")
    assert (clip.state, clip.frame_count, clip.measures_given) == (ItemState.READY, 30, True)
    frames = clip.units.filter(kind=UnitKind.FRAME).order_by("frame")
    assert list(frames.values_list("frame", "timestamp")) == [(0, 0.0), (10, 1.0), (20, 2.0)]


def test_registration__keeps_frames_of_videos_and_sequences(
    birds: Folder, actor: Actor, keys: None
) -> None:
    encord = {
        "config": {"sampling_rate": 0, "keyframe_mode": "seconds"},
        "frames": {"1.26": {"label": "owl", "clip": [3, 4]}},
    }
    sequence = {
        "title": "Sequence",
        "createVideo": True,
        **{f"objectUrl_{n}": f"{SITE}/s{n}.png" for n in range(3)},
        "clientMetadata": {"$encord": {"frames": {"2": {"label": "tit"}}}},
    }
    clip = video("c.mp4", clientMetadata={"$encord": encord, "keyframes": [7]})

    row = run_import(actor, birds, {"videos": [clip], "image_groups": [sequence]})

    assert row.errors == []
    frames = Unit.objects.filter(item__name="/c.mp4", frame__isnull=False).order_by("frame")
    assert list(frames.values_list("frame", "is_key_frame")) == [(0, False), (7, True), (13, True)]
    assert metadata_of("/c.mp4") == {"$encord": encord, "keyframes": [7]}
    third = Unit.objects.get(item__name="Sequence", frame=2)
    assert (third.metadata, third.is_key_frame) == ({"label": "tit"}, True)


def test_registration__takes_the_form_of_the_sdk(birds: Folder, actor: Actor) -> None:
    ids = [uuid4() for _ in range(3)]
    document = {
        "videos": [],
        "images": [
            {
                **image("a.png"),
                "title": "A",
                "externalFileType": "IMAGE",
                "placeholderItemUuid": str(ids[0]),
                "clientMetadata": {},
            }
        ],
        "imageGroups": [
            {
                "images": [
                    {"url": f"{SITE}/0.png", "title": "0", "placeholderItemUuid": str(ids[2])},
                    {"url": f"{SITE}/1.png"},
                ],
                "createVideo": False,
                "externalFileType": "IMG_GROUP",
                "placeholderItemUuid": str(ids[1]),
            }
        ],
        "audio": [],
        "imageGroupsFromItems": [],
        "skipDuplicateUrls": False,
        "upsertMetadata": False,
    }

    row = run_import(actor, birds, document)

    assert (row.state, row.errors, row.report["warnings"]) == (ImportState.DONE, [], [])
    assert Item.objects.get(pk=ids[0]).name == "A"
    group = Item.objects.get(pk=ids[1])
    assert [part.name for part in group.parts.order_by("position")] == ["0", "/1.png"]
    assert group.parts.get(position=0).pk == ids[2]

    again = run_import(actor, birds, document)
    assert again.state == ImportState.FAILED
    assert sorted(paths(again)) == [
        "imageGroups.0.images.0.placeholderItemUuid",
        "imageGroups.0.placeholderItemUuid",
        "images.0.placeholderItemUuid",
    ]


def test_registration__groups_images_that_are_there(birds: Folder, actor: Actor) -> None:
    run_import(actor, birds, {"images": [image("a.png"), image("b.png")]})
    ids = [str(Item.objects.get(name=name).pk) for name in ("/b.png", "/a.png")]
    group = {"imageItems": ids, "title": "Both", "createVideo": True}

    row = run_import(actor, birds, {"imageGroupsFromItems": [group]})

    assert (row.state, row.report["created"]) == (ImportState.DONE, 1)
    whole = Item.objects.get(name="Both")
    assert whole.kind == ItemKind.IMAGE_SEQUENCE
    assert [str(pk) for pk in whole.parts.order_by("position").values_list("pk", flat=True)] == ids


def test_registration__names_every_error_and_writes_nothing(
    birds: Folder, actor: Actor, keys: None
) -> None:
    document = {
        "images": [
            image("ok.png"),
            {"title": "no address"},
            image("b.png", clientMetadata={"clip": [1, 2, 3], "label": "hen"}),
            image("c.png", title="x" * 301),
            {"objectUrl": "ftp://example.org/a.png"},
            {"objectUrl": f"{SITE}/{'x' * 17_000}"},
            "a.png",
            image("d.png", imageMetadata={"mimeType": "image/png", "width": 0, "height": 2}),
            image("e.png", clientMetadata=[1]),
            {"objectUrl": 7},
        ],
        "videos": [
            video("f.mp4", clientMetadata={"$encord": {"frames": {"30": {}}}}),
            video("g.mp4", videoMetadata={"fps": "ten"}),
        ],
        "image_groups": [
            {"title": "empty"},
            {"title": "gap", "objectUrl_0": f"{SITE}/0.png", "objectUrl_2": f"{SITE}/2.png"},
        ],
        "audio": [{"objectUrl": f"{SITE}/a.mp3"}],
        "skip_duplicate_urls": "yes",
    }

    row = run_import(actor, birds, document)

    assert row.state == ImportState.FAILED
    assert row.report["failed"] == 14
    assert paths(row) == [
        "images.1.objectUrl",
        "images.2.clientMetadata.clip",
        "images.2.clientMetadata.label",
        "images.3.name",
        "images.4.objectUrl",
        "images.5.objectUrl",
        "images.6",
        "images.7.imageMetadata.fileSize",
        "images.7.imageMetadata.width",
        "images.8.clientMetadata",
        "images.9.objectUrl",
        "videos.0.clientMetadata.$encord.frames.30",
        "videos.1.videoMetadata.fileSize",
        "videos.1.videoMetadata.width",
        "videos.1.videoMetadata.height",
        "videos.1.videoMetadata.fps",
        "videos.1.videoMetadata.duration",
        "image_groups.0.objectUrl_0",
        "image_groups.1.objectUrl_1",
        "audio.0",
        "skip_duplicate_urls",
    ]
    assert row.errors[1]["object_urls"] == [f"{SITE}/b.png"]
    assert row.errors[1]["expected"] == "2 numbers"
    assert not Item.objects.exists()


def test_registration__leaves_wrong_entries_out_when_asked(
    birds: Folder, actor: Actor, keys: None
) -> None:
    wrong = image("wrong.png", clientMetadata={"label": "hen"})
    document = {"images": [image("a.png"), wrong, image("b.png")], "nifti": [{}]}

    row = run_import(actor, birds, document, ignore_errors=True)

    assert (row.state, row.error_count) == (ImportState.DONE, 2)
    assert (row.report["created"], row.report["failed"]) == (2, 2)
    assert set(Item.objects.values_list("name", flat=True)) == {"/a.png", "/b.png"}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"images": [{"objectUrl": }]}', b"\xff\xfe{", b"{}", b'{"images": []}'],
)
def test_registration__a_file_that_cannot_be_read_fails_with_the_reason(
    birds: Folder, actor: Actor, content: bytes
) -> None:
    row = run_import(actor, birds, content, ignore_errors=True)

    assert row.state == ImportState.FAILED
    assert row.failure
    assert not Item.objects.exists()


def test_registration__skips_what_is_there_and_what_the_file_repeats(
    birds: Folder, night: Folder, actor: Actor
) -> None:
    group = {"title": "G", "objectUrl_0": f"{SITE}/0.png", "objectUrl_1": f"{SITE}/1.png"}
    reverse = {"title": "R", "objectUrl_0": f"{SITE}/1.png", "objectUrl_1": f"{SITE}/0.png"}
    first = {"images": [image("a.png")], "image_groups": [group]}
    run_import(actor, birds, first)
    second = {
        "images": [image("a.png"), image("b.png"), image("b.png", title="again")],
        "image_groups": [group, reverse],
        "skip_duplicate_urls": True,
    }

    dry = run_import(actor, birds, second, dry_run=True)
    row = run_import(actor, birds, second)
    elsewhere = run_import(actor, night, second)

    assert dry.state == ImportState.CHECKED
    assert dry.report["duplicates"] == 3
    assert [there["path"] for there in dry.report["duplicate_sample"]] == [
        "images.0",
        "images.2",
        "image_groups.0",
    ]
    assert (row.report["created"], row.report["skipped"]) == (2, 3)
    assert (elsewhere.report["created"], elsewhere.report["skipped"]) == (4, 1)
    assert run_import(actor, birds, second).report["created"] == 0


def test_registration__duplicates_are_made_and_told_of_unless_they_are_to_be_skipped(
    birds: Folder, actor: Actor
) -> None:
    document = {"images": [image("a.png"), image("a.png")]}

    row = run_import(actor, birds, document)

    assert row.report["created"] == 2
    assert "1 entry names an object" in row.report["warnings"][0]


def test_registration__upsert_lays_metadata_over_what_is_there(
    birds: Folder, actor: Actor, keys: None
) -> None:
    first = image("a.png", clientMetadata={"label": "owl", "note": "x", "clip": [1, 2]})
    run_import(actor, birds, {"images": [first]})
    second = {
        "images": [
            image("a.png", clientMetadata={"label": "tit", "clip": [3, 4]}),
            image("b.png", clientMetadata={"label": "owl"}),
            image("b.png", clientMetadata={"score": 4}),
        ],
        # Behind the entries that it is about.
        "upsert_metadata": True,
    }

    row = run_import(actor, birds, second)

    assert (row.report["created"], row.report["updated"], row.report["skipped"]) == (1, 2, 0)
    assert metadata_of("/a.png") == {"label": "tit", "note": "x", "clip": [3, 4]}
    assert metadata_of("/b.png") == {"label": "owl", "score": 4}
    assert run_import(actor, birds, second).report["created"] == 0
    assert Item.objects.count() == 2


def test_registration__lists_under_unknown_keys_are_counted(birds: Folder, actor: Actor) -> None:
    document = {"images": [image(f"{n}.png", clientMetadata={"dino": [1, 2]}) for n in range(3)]}

    row = run_import(actor, birds, document)

    assert row.report["stored_as_text"] == {"dino": 3}
    assert row.report["warnings"] == [
        "3 values under “dino” are stored as text because the schema has no such key."
    ]
    assert Item.objects.filter(client_metadata={"dino": "[1, 2]"}).count() == 3


def test_registration__the_first_vector_settles_the_size_of_a_key(
    birds: Folder, admin: User, actor: Actor, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(admin), name="open", type=KeyType.EMBEDDING)
    document = {
        "images": [
            image("a.png", clientMetadata={"open": [1, 2, 3]}),
            image("b.png", clientMetadata={"open": [1, 2]}),
        ]
    }

    refused = run_import(actor, birds, document)
    key.refresh_from_db()
    assert (paths(refused), key.dimensions) == (["images.1.clientMetadata.open"], None)

    run_import(actor, birds, document, ignore_errors=True)
    key.refresh_from_db()
    assert key.dimensions == 3


def test_registration__options_are_checked(birds: Folder, actor: Actor) -> None:
    document = {"images": [image("a.png")]}
    for wrong in (
        {"integration": str(UUID(int=7))},
        {"integration": 3},
        {"skip_duplicate_urls": "yes"},
        {"colour": "red"},
        {"ignore_errors": 1},
    ):
        with pytest.raises(InvalidInput) as caught:
            run_import(actor, birds, document, **wrong)
        assert [error.path for error in caught.value.errors] == [f"options.{next(iter(wrong))}"]


def test_find_existing__goes_by_the_index_of_addresses(birds: Folder) -> None:
    with connection.cursor() as cursor:
        # A table this small would be read as a whole.
        cursor.execute("SET LOCAL enable_seqscan = off")
        digests = [f"{number:032x}" for number in range(1000)]
        cursor.execute(f"EXPLAIN {duplicates._BY_ADDRESS}", [birds.pk, digests])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "item_by_folder_and_address" in plan


@pytest.mark.parametrize(
    "entry",
    [
        {"title": "a\0b"},
        {"title": "\ud800"},
        {"clientMetadata": {"a\0": "b\0", "c\ud800": "d\ud800"}},
        {"clientMetadata": {"$encord": {"frames": {"0\0": {"x\ud800": 1}}}}},
        {"placeholderItemUuid": "\ud800\0"},
        {"imageMetadata": {"mimeType": "\ud800\0"}},
        {"objectUrl": f"{SITE}/\ud800\0.png"},
    ],
)
def test_registration__names_what_cannot_be_stored(
    birds: Folder, actor: Actor, entry: dict[str, Any]
) -> None:
    row = run_import(actor, birds, {"images": [image("a.png", **entry)]}, dry_run=True)

    assert (row.state, row.failure) == (ImportState.CHECKED, "")
    assert row.error_count > 0
    for form in (as_csv, as_json_lines):
        assert b"".join(form(stored_errors(row.errors_key))).decode()


def test_registration__passes_over_fields_of_any_name(birds: Folder, actor: Actor) -> None:
    row = run_import(actor, birds, {"images": [image("a.png", **{"x\0y\ud800": 1})]}, dry_run=True)

    assert (row.state, row.error_count) == (ImportState.CHECKED, 0)
    assert "x\ufffdy?" in row.report["warnings"][0]
