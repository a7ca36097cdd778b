"""The demo: real digits through the ordinary services."""

import dataclasses
import io
from collections.abc import Callable

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from accounts.actor import Actor
from accounts.models import User
from core.models import Job
from embeddings.models import UpgradeKey, Vector
from folders.choices import UnitKind
from folders.models import Folder, Item, MetadataKey, Unit
from portal.demo import digits as digits_data
from portal.demo.build import LDA_KEY, PIXELS_KEY, VIDEO_NAME, find_demo

ActorFor = Callable[[User], Actor]


COUNT = 180


@pytest.fixture(autouse=True)
def fewer_digits(monkeypatch: pytest.MonkeyPatch) -> digits_data.Digits:
    """A tenth of the digits says as much and is quicker."""
    digits = digits_data.load()
    parts = {part.name: getattr(digits, part.name)[:COUNT] for part in dataclasses.fields(digits)}
    fewer = digits_data.Digits(**parts)
    monkeypatch.setattr(digits_data, "load", lambda: fewer)
    return fewer


@pytest.fixture
def demo(admin: User, actor_for: ActorFor) -> Folder:
    call_command("demo", stdout=io.StringIO())
    folder = find_demo(actor_for(admin))
    assert folder is not None
    return folder


def test_demo__needs_an_administrator(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("demo")


def test_demo__holds_every_digit_with_its_vectors_bit_for_bit(
    demo: Folder, fewer_digits: digits_data.Digits
) -> None:
    images = Item.objects.filter(folder=demo).exclude(name=VIDEO_NAME)
    units = dict(Unit.objects.filter(item__in=images).values_list("item__name", "pk"))
    key = MetadataKey.objects.get(name=PIXELS_KEY)
    stored = {
        vector.unit_id: np.asarray(vector.value, dtype=np.float32)
        for vector in Vector.objects.filter(key=key, unit__in=units.values())
    }

    assert images.count() == len(stored) == COUNT
    for index in (0, 90, COUNT - 1):
        assert np.array_equal(stored[units[f"digit-{index:04}.png"]], fewer_digits.pixels[index])
    assert Vector.objects.filter(key__name=LDA_KEY, unit__in=units.values()).count() == COUNT - 7


def test_demo__frames_of_the_video_carry_metadata_and_vectors(demo: Folder) -> None:
    frames = Unit.objects.filter(item__name=VIDEO_NAME, kind=UnitKind.FRAME, is_key_frame=True)

    assert frames.count() == 4
    assert set(frames.values_list("metadata__label", flat=True)) <= set("0123456789")
    assert Vector.objects.filter(key__name=PIXELS_KEY, unit__in=frames).count() == 4


def test_demo__asks_for_both_maps(demo: Folder) -> None:
    assert UpgradeKey.objects.filter(root=demo, reduce=True).count() == 2
    assert Job.objects.filter(kind="embeddings.reduce", folder_id=demo.pk).count() == 2


def test_demo__twice_changes_nothing_and_reset_makes_it_anew(
    demo: Folder, admin: User, actor_for: ActorFor
) -> None:
    call_command("demo", stdout=io.StringIO())
    assert Folder.objects.filter(name=demo.name).count() == 1

    call_command("demo", reset=True, stdout=io.StringIO())

    again = find_demo(actor_for(admin))
    assert again is not None
    assert again.pk != demo.pk
    assert Item.objects.filter(folder=again).count() == COUNT + 1
    assert not Vector.objects.filter(root_id=demo.pk).exists()
