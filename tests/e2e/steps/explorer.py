"""The Explorer: filter, similarity search, collections."""

import re
import time
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import TIMEOUT_MS


def open_explorer(page: Page, folder: str) -> None:
    """Go from the folder's page to its Explorer."""
    page.goto(f"/files/{folder}/")
    page.locator(".page-actions").get_by_role("link", name="Explorer").click()
    expect(page.locator("#explorer")).to_be_visible()


def select_embedding(page: Page, key: str) -> None:
    """Make a key the active embedding."""
    page.get_by_role("button", name="Select custom embeddings").click()
    page.locator("#embedding-menu").get_by_role("link", name=key).click()
    expect(page.get_by_role("button", name="Select custom embeddings")).to_contain_text(key)


def filter_by_embedding(page: Page, key: str) -> None:
    """Add filter, Custom Embeddings, the key, True."""
    page.get_by_role("button", name="Add filter").first.click()
    menu = page.locator("#add-filter")
    menu.locator("summary", has_text=key).click()
    menu.get_by_role("link", name="True").click()
    chip = page.locator(".chip").filter(has_text=key)
    expect(chip).to_contain_text("True")


def filter_by_collection(page: Page, name: str) -> None:
    """Tick a collection in the rail."""
    page.locator("#rail").get_by_role("checkbox", name=re.compile(re.escape(name))).check()
    expect(page.locator(".chip").filter(has_text=name)).to_be_visible()


def clear_filters(page: Page) -> None:
    """Take every filter away, and see the rail follow."""
    with page.expect_response(re.compile("/rail/")):
        page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".chip")).to_have_count(0)
    _wait_until_settled(page)


def expect_count(page: Page, count: int) -> None:
    """Wait until the page says how many units it shows."""
    expect(page.locator("#explorer-count")).to_have_attribute("data-count", str(count))


def tile_of(page: Page, name: str) -> Locator:
    """The tile of an item."""
    return page.locator(".tile").filter(has_text=name)


def scroll_to_end(page: Page, count: int) -> list[int]:
    """Scroll the grid from its top through all its tiles; return their units in order.

    The page holds the tiles in view and some around them: what was seen is noted on the way.
    """
    grid = page.locator("#explorer-grid")
    grid.evaluate("(grid) => grid.scrollTo(0, 0)")
    seen: dict[int, None] = {}
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while len(seen) < count:
        assert time.monotonic() < deadline, f"{len(seen)} of {count} units came into view"
        # A busy server takes longer for its tiles than a step takes.
        page.wait_for_function("() => !document.querySelector('.tile[data-waiting]')")
        tiles = page.locator(".tile:not([data-waiting])")
        units = tiles.evaluate_all("all => all.map(one => one.dataset.unit)")
        seen |= dict.fromkeys(map(int, units))
        grid.evaluate("(grid) => grid.scrollBy(0, grid.clientHeight / 2)")
        page.wait_for_timeout(50)
    return list(seen)


def search_like(page: Page, name: str) -> None:
    """Hover a picture and press Similarity Search."""
    page.get_by_role("searchbox", name="Find by name").fill(name)
    expect_count(page, 1)
    tile = tile_of(page, name)
    tile.hover()
    tile.get_by_role("link", name="Similarity Search").click()
    expect(page.locator("#explorer-strip")).to_be_visible()
    page.get_by_role("searchbox", name="Find by name").fill("")


def cut_at(page: Page, share: float) -> float:
    """Drag the Distance slider to a share of its length; return the distance it then says."""
    slider = page.get_by_role("slider", name="Distance at most")
    before = page.url
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 8, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, middle, steps=8)
    page.mouse.up()
    expect(page).not_to_have_url(before)
    expect(page).to_have_url(re.compile(r"distance="))
    _wait_until_settled(page)
    return float(parameter(page, "distance"))


def collect_all(page: Page, name: str) -> None:
    """Select all that match and put them into a new collection."""
    page.locator("#explorer-grid").focus()
    page.keyboard.press("Control+a")
    expect(page.locator("#selection-count")).to_contain_text("All")
    page.get_by_role("button", name="Add to collection").click()
    dialog = page.get_by_role("dialog", name="Add to collection")
    dialog.get_by_label("New collection").fill(name)
    dialog.get_by_role("button", name="Create and add").click()
    expect(dialog).to_be_hidden()


def parameter(page: Page, name: str) -> str:
    """A part of the state from the page's address; empty when it has its default."""
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def _wait_until_settled(page: Page) -> None:
    """Wait until what was asked for is in the page; nobody clicks within the same frame."""
    page.wait_for_function(
        "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
    )


def see_pictures(page: Page, selector: str) -> None:
    """Wait until the pictures in sight are drawn."""
    page.locator(selector).first.wait_for()
    page.wait_for_function(
        "(selector) => [...document.querySelectorAll(selector)].every((image) => {"
        "  const box = image.getBoundingClientRect();"
        "  const seen = box.top < innerHeight && box.bottom > 0;"
        "  return !seen || (image.complete && image.naturalWidth > 0)"
        "})",
        arg=selector,
    )
