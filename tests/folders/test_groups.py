"""Images become parts of groups and sequences; what hangs on their units stays."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent
from folders.choices import ItemKind, ItemState, UnitKind
from folders.media.errors import UnreadableMedia
from folders.models import Folder, Item, Unit
from folders.services.groups import group_items
from folders.services.wholes import new_whole, settle_wholes
from tests.factories import FolderFactory, ItemFactory, UnitFactory

ActorFor = Callable[[User], Actor]


def images(folder: Folder, count: int = 3, **columns: Any) -> list[Item]:
    """Ready images with their units."""
    items = [ItemFactory.create(folder=folder, **columns) for _ in range(count)]
    for item in items:
        UnitFactory.create(item=item)
    return items


def grouped(
    actor: Actor, folder: Folder, items: list[Item], kind: ItemKind = ItemKind.IMAGE_GROUP
) -> Item:
    """The new whole."""
    return group_items(actor=actor, folder=folder, items=items, kind=kind, name="Both")


def test_group__parts_keep_their_units(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    items = images(birds)
    units = {unit.item_id: unit.pk for unit in Unit.objects.all()}

    whole = grouped(actor_for(editor), birds, [items[2], items[0], items[1]])

    assert [part.pk for part in whole.parts.order_by("position")] == [
        items[2].pk,
        items[0].pk,
        items[1].pk,
    ]
    assert {unit.item_id: unit.pk for unit in Unit.objects.filter(item__parent=whole)} == units
    own = Unit.objects.get(item=whole)
    assert (own.kind, own.folder, own.root, own.frame) == (
        UnitKind.IMAGE_GROUP,
        birds,
        birds,
        None,
    )
    assert (whole.state, whole.width, whole.height, whole.failure) == ("ready", 32, 24, "")
    assert (whole.fps, whole.frame_count) == (None, None)
    assert AuditEvent.objects.get(action="items.grouped").data["parts"] == 3


def test_group__of_a_sequence_units_become_those_of_frames(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    items = images(birds)
    items[1].client_metadata = {"weather": "rain"}
    items[1].save()
    Unit.objects.filter(item=items[1]).update(metadata={"weather": "rain"})
    before = dict(Unit.objects.values_list("item", "pk"))

    whole = grouped(
        actor_for(editor), birds, [items[2], items[0], items[1]], ItemKind.IMAGE_SEQUENCE
    )

    frames = Unit.objects.filter(item=whole, kind=UnitKind.FRAME).order_by("frame")
    expected = [before[items[2].pk], before[items[0].pk], before[items[1].pk]]
    assert [unit.pk for unit in frames] == expected
    assert [(unit.frame, unit.timestamp) for unit in frames] == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert [unit.is_key_frame for unit in frames] == [False, False, True]
    assert frames[2].metadata == {"weather": "rain"}
    assert not Unit.objects.filter(item__parent=whole).exists()
    assert (whole.frame_count, whole.fps, whole.duration) == (3, 1.0, 3.0)


def test_group__metadata_of_the_whole(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    whole = group_items(
        actor=actor_for(editor),
        folder=birds,
        items=[item.pk for item in images(birds, 2)],
        kind=ItemKind.IMAGE_GROUP,
        name=" Front and back ",
        metadata={"camera": "left"},
    )

    assert (whole.name, whole.client_metadata) == ("Front and back", {"camera": "left"})
    assert Unit.objects.get(item=whole).metadata == {"camera": "left"}


def test_group__says_which_image_cannot_be_a_part_and_why(
    birds: Folder, night: Folder, boats: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    good = images(birds, 1)[0]
    taken = images(birds, 2)
    grouped(actor, birds, taken)
    wrong = [
        (images(night, 1)[0], "folder"),
        (images(boats, 1)[0], "not_found"),
        (images(FolderFactory.create(), 1)[0], "not_found"),
        (ItemFactory.create(folder=birds, kind="video"), "kind"),
        (taken[0], "part"),
        (ItemFactory.create(folder=birds, state=ItemState.PROCESSING), "processing"),
        (ItemFactory.create(folder=birds, state=ItemState.FAILED), "failed"),
        (good, "repeated"),
    ]

    with pytest.raises(InvalidInput) as caught:
        grouped(actor, birds, [good, *(item for item, _ in wrong)])

    assert caught.value.message.startswith("8 of the images cannot be grouped.")
    assert [(error.path, error.code) for error in caught.value.errors] == [
        (f"items.{place}", code) for place, (_, code) in enumerate(wrong, start=1)
    ]
    assert Item.objects.filter(kind=ItemKind.IMAGE_GROUP).count() == 1


def test_group__needs_images_a_name_and_a_kind_with_parts(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    with pytest.raises(InvalidInput, match="at least one"):
        grouped(actor, birds, [])
    with pytest.raises(InvalidInput, match="has no parts"):
        grouped(actor, birds, images(birds), ItemKind.VIDEO)
    with pytest.raises(InvalidInput):
        group_items(
            actor=actor, folder=birds, items=images(birds), kind=ItemKind.IMAGE_GROUP, name=""
        )


def test_group__takes_an_editor(
    birds: Folder, viewer: User, outsider: User, actor_for: ActorFor
) -> None:
    items = images(birds)
    for person in (viewer, outsider):
        with pytest.raises((NotAllowed, NotFound)):
            grouped(actor_for(person), birds, items)
    assert not Item.objects.exclude(parent=None).exists()


def test_group__goes_with_its_parts(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    whole = grouped(actor_for(editor), birds, images(birds))

    whole.delete()

    assert not Item.objects.exists()
    assert not Unit.objects.exists()


def unsaved(folder: Folder, states: list[str], **columns: Any) -> list[Item]:
    """Images that are not saved yet."""
    return [ItemFactory.build(folder=folder, state=state, **columns) for state in states]


def saved(rows: Any) -> Item:
    """The whole, stored with parts and units as registrations store them."""
    Item.objects.bulk_create([rows.whole])
    Item.objects.bulk_create(rows.parts)
    Unit.objects.bulk_create(rows.units)
    return Item.objects.get(pk=rows.whole.pk)


def test_new_whole__waits_for_its_parts(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    rows = new_whole(
        actor=actor_for(editor),
        folder=birds,
        kind=ItemKind.IMAGE_GROUP,
        name="G",
        parts=unsaved(birds, ["ready", "processing"]),
    )
    whole = saved(rows)

    assert whole.state == "processing"
    assert sorted(Unit.objects.values_list("kind", flat=True)) == ["image", "image", "image_group"]
    settle_wholes([whole.pk])
    whole.refresh_from_db()
    assert whole.state == "processing"


def test_new_whole__with_given_measures_is_ready(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    rows = new_whole(
        actor=actor_for(editor),
        folder=birds,
        kind=ItemKind.IMAGE_SEQUENCE,
        name="S",
        parts=unsaved(birds, ["ready"] * 5, measures_given=True),
        client_metadata={"$encord": {"config": {"sampling_rate": 0.5}}, "keyframes": [3]},
    )
    whole = saved(rows)

    assert (whole.state, whole.width, whole.frame_count, whole.duration) == ("ready", 32, 5, 5)
    assert whole.measures_given
    frames = Unit.objects.filter(item=whole, kind="frame").order_by("frame")
    assert [(unit.frame, unit.is_key_frame) for unit in frames] == [
        (0, False),
        (2, False),
        (3, True),
        (4, False),
    ]


def test_new_whole__of_too_many_frames_is_refused(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("folders.services.frames.MAX_FRAMES", 3)
    with pytest.raises(UnreadableMedia, match="more than 3 units"):
        new_whole(
            actor=actor_for(editor),
            folder=birds,
            kind=ItemKind.IMAGE_SEQUENCE,
            name="S",
            parts=unsaved(birds, ["ready"] * 5),
        )


@pytest.mark.parametrize(
    ("states", "state", "note"),
    [
        (["ready", "ready"], "ready", ""),
        (["failed", "ready"], "ready", "1 of 2 images cannot be read. Image 1: No picture."),
        (["failed", "failed"], "failed", "None of the images can be read. Image 1: No picture."),
        (["ready", "processing"], "processing", ""),
    ],
)
def test_settle__follows_the_parts(birds: Folder, states: list[str], state: str, note: str) -> None:
    whole = ItemFactory.create(folder=birds, kind="image_sequence", state="processing")
    for position, part_state in enumerate(states):
        ItemFactory.create(
            folder=birds,
            parent=whole,
            position=position,
            state=part_state,
            width=64 + position,
            failure="No picture." if part_state == "failed" else "",
        )

    settle_wholes([whole.pk])

    whole.refresh_from_db()
    assert (whole.state, whole.failure) == (state, note)
    if states == ["failed", "ready"]:
        assert (whole.width, whole.thumbnail_version) == (65, 1)
