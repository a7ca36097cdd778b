"""Addresses that open without a session: for how long, for what, and that nobody can make one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from encord_api.item_dto import METADATA
from folders.models import Folder, Item
from folders.services.deletion import delete_folder
from folders.signed_addresses import (
    LIFETIME,
    ORIGINAL,
    PARAMETER,
    sign_item,
    signed_original_path,
)
from folders.storage import save_original
from tests.factories import ItemFactory, UnitFactory

ActorFor = Callable[[User], Actor]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def kept(folder: Folder, content: bytes) -> Item:
    """An item with an original, and a unit."""
    item = ItemFactory.create(folder=folder, size=len(content), client_metadata={"n": 1})
    item.storage_key = save_original(item.pk, ContentFile(content))
    item.save(update_fields=["storage_key"])
    UnitFactory.create(item=item)
    return item


@pytest.fixture
def owl(birds: Folder) -> Item:
    """One item."""
    return kept(birds, b"owl")


def opened(address: str) -> bytes | None:
    """What somebody without session or token gets from an address; None when he is refused."""
    answer: Any = Client().get(address)
    if answer.status_code == 403:
        return None
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def original(item: Item, token: str) -> str:
    """Where an original is had by a token."""
    return f"{reverse('item-original', args=[item.pk])}?{PARAMETER}={token}"


def metadata(item: Item, token: str) -> str:
    """Where metadata are had by a token."""
    return f"{reverse('encord-item-metadata', args=[item.pk])}?{PARAMETER}={token}"


def test_signed_address__opens_for_an_hour(owl: Item) -> None:
    with time_machine.travel(NOON, tick=False):
        address = signed_original_path(owl)
        told = metadata(owl, sign_item(owl.pk, METADATA))

    with time_machine.travel(NOON + LIFETIME, tick=False):
        assert opened(address) == b"owl"
        assert opened(told) == b'{"n": 1}'
    with time_machine.travel(NOON + LIFETIME + SECOND, tick=False):
        assert opened(address) is None
        assert opened(told) is None
        refused = Client().get(address, headers={"Accept": "application/json"})
        assert refused.status_code == 403


def test_signed_address__is_bound_to_the_item(owl: Item, birds: Folder) -> None:
    gull = kept(birds, b"gull")
    of_owl, of_gull = sign_item(owl.pk, ORIGINAL), sign_item(gull.pk, ORIGINAL)

    assert opened(original(gull, of_owl)) is None
    assert opened(original(owl, of_gull)) is None

    assert opened(original(owl, of_owl)) == b"owl"
    assert opened(original(gull, of_gull)) == b"gull"


def test_signed_address__is_bound_to_the_purpose(owl: Item) -> None:
    of_original, of_metadata = sign_item(owl.pk, ORIGINAL), sign_item(owl.pk, METADATA)

    assert opened(original(owl, of_metadata)) is None
    assert opened(metadata(owl, of_original)) is None

    assert opened(original(owl, of_original)) == b"owl"
    assert opened(metadata(owl, of_metadata)) == b'{"n": 1}'


def test_signed_address__opens_no_other_page_of_the_item(owl: Item) -> None:
    token = sign_item(owl.pk, ORIGINAL)
    unit = owl.units.get()

    for name, arguments in (
        ("item-thumbnail", [owl.pk, "small"]),
        ("unit-thumbnail", [unit.pk, "small"]),
        ("item-frames", [owl.pk]),
        ("item", [owl.pk]),
    ):
        answer = Client().get(f"{reverse(name, args=arguments)}?{PARAMETER}={token}")
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/sign-in/")


def test_signed_address__altered_anywhere_is_refused(owl: Item) -> None:
    token = sign_item(owl.pk, ORIGINAL)
    assert opened(original(owl, token)) == b"owl"

    for place, letter in enumerate(token):
        for other in ("A", "b", ":", "-"):
            if other != letter:
                forged = token[:place] + other + token[place + 1 :]
                assert opened(original(owl, forged)) is None, forged
    for forged in ("", ":", token[:-1], token + "A", token[1:], f"{token}:{token}"):
        assert opened(original(owl, forged)) is None, forged


def test_signed_address__cannot_be_given_another_hour(owl: Item) -> None:
    with time_machine.travel(NOON, tick=False):
        old = sign_item(owl.pk, ORIGINAL)
    with time_machine.travel(NOON + 2 * LIFETIME, tick=False):
        new = sign_item(owl.pk, ORIGINAL)
        moment, _, signature = new.partition(":")
        assert opened(original(owl, new)) == b"owl"

        assert opened(original(owl, f"{moment}:{old.partition(':')[2]}")) is None
        assert opened(original(owl, f"{old.partition(':')[0]}:{signature}")) is None


def test_signed_address__of_another_secret_is_refused(owl: Item, settings: LazySettings) -> None:
    address = signed_original_path(owl)
    assert opened(address) == b"owl"

    settings.SECRET_KEY = "another one"

    assert opened(address) is None


def test_signed_address__that_is_wrong_is_refused_to_who_is_signed_in_as_well(
    owl: Item, viewer: User
) -> None:
    client = Client()
    client.force_login(viewer)
    assert client.get(reverse("item-original", args=[owl.pk])).status_code == 200

    assert client.get(original(owl, "AAAA:AAAA")).status_code == 403


def test_signed_address__ends_with_the_item(
    owl: Item, birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    address = signed_original_path(owl)
    assert opened(address) == b"owl"

    # Deleted at once, its files by a job that has not run yet.
    delete_folder(actor=actor_for(admin), folder=birds)

    assert Client().get(address).status_code == 404
