"""Pages by keyset."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidInput
from folders import paging
from folders.models import Folder, Item
from folders.paging import keyset_page, search_page
from tests.factories import ItemFactory


def walk(order: str, limit: int) -> list[list[str]]:
    """The names on each page."""
    pages, cursor = [], ""
    while True:
        page = keyset_page(Item.objects.all(), order=order, cursor=cursor, limit=limit)
        pages.append([item.name for item in page.rows])
        cursor = page.next_cursor
        if not cursor:
            return pages


def cursor_of(*parts: object) -> str:
    """A cursor as an attacker might write it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def test_keyset_page__pages_join_without_repeats_in_both_directions(birds: Folder) -> None:
    for name in "caebd":
        ItemFactory.create(folder=birds, name=name)

    assert walk("name", 2) == [["a", "b"], ["c", "d"], ["e"]]
    assert walk("-name", 3) == [["e", "d", "c"], ["b", "a"]]
    assert walk("name", 5) == [["a", "b", "c", "d", "e"]]


def test_keyset_page__no_rows_make_one_empty_page(birds: Folder) -> None:
    assert walk("name", 2) == [[]]


@pytest.mark.parametrize("order", ["size", "-size"])
def test_keyset_page__ties_are_broken_by_id(birds: Folder, order: str) -> None:
    items = ItemFactory.create_batch(5, folder=birds)
    by_id = sorted(items, key=lambda item: item.pk, reverse=order.startswith("-"))

    assert [name for page in walk(order, 2) for name in page] == [item.name for item in by_id]


def test_keyset_page__microseconds_count(birds: Folder) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for number in range(4):
        item = ItemFactory.create(folder=birds, name=str(number))
        moment = noon + timedelta(microseconds=number)
        Item.objects.filter(pk=item.pk).update(created_at=moment)

    assert walk("-created_at", 1) == [["3"], ["2"], ["1"], ["0"]]


def test_keyset_page__row_added_before_the_cursor_moves_nothing(birds: Folder) -> None:
    for name in "bcd":
        ItemFactory.create(folder=birds, name=name)
    first = keyset_page(Item.objects.all(), order="name", cursor="", limit=2)

    ItemFactory.create(folder=birds, name="a")
    second = keyset_page(Item.objects.all(), order="name", cursor=first.next_cursor, limit=2)

    assert [item.name for item in second.rows] == ["d"]


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "é",
        "A",
        cursor_of("-name", "a", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        cursor_of("name", "a"),
        cursor_of("name", ["a"], "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        cursor_of("name", "a", "no id"),
        cursor_of("name", "a", None),
    ],
)
def test_keyset_page__foreign_cursors_are_refused(birds: Folder, cursor: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        keyset_page(Item.objects.all(), order="name", cursor=cursor, limit=2)

    assert refusal.value.code == "bad_cursor"


def search(text: str, order: str, limit: int) -> list[list[str]]:
    """The names on each page of a search."""
    pages, cursor = [], ""
    while True:
        page = search_page(Item.objects.all(), search=text, order=order, cursor=cursor, limit=limit)
        pages.append([item.name for item in page.rows])
        cursor = page.next_cursor
        if not cursor:
            return pages


@pytest.mark.parametrize("walked", [1, 2, 3, 100])
@pytest.mark.parametrize("order", ["name", "-name", "created_at", "-created_at"])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_search_page__finds_each_match_once_however_far_a_page_walks(
    birds: Folder, monkeypatch: pytest.MonkeyPatch, walked: int, order: str, limit: int
) -> None:
    monkeypatch.setattr(paging, "NAMES_PER_PAGE", walked)
    names = ["owl", "Tawny Owl", "robin", "fowl", "heron", "OWLET", "wren"]
    for name in names:
        ItemFactory.create(folder=birds, name=name)
    expected = [
        item.name
        for item in Item.objects.order_by(order, "-pk" if order.startswith("-") else "pk")
        if "owl" in item.name.lower()
    ]

    pages = search("OwL", order, limit)

    assert [name for page in pages for name in page] == expected
    assert all(len(page) <= limit for page in pages)


@pytest.mark.parametrize("text", ["%", "_", "\\", "100%"])
def test_search_page__takes_every_letter_as_it_is(birds: Folder, text: str) -> None:
    ItemFactory.create(folder=birds, name="plain")
    ItemFactory.create(folder=birds, name=f"<{text}>")

    assert search(text, "name", 5) == [[f"<{text}>"]]


def test_search_page__foreign_cursors_and_no_rows(birds: Folder) -> None:
    with pytest.raises(InvalidInput):
        search_page(Item.objects.all(), search="a", order="name", cursor="!", limit=2)
    assert search_page(Item.objects.none(), search="a", order="name", cursor="", limit=2).rows == []
