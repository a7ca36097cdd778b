"""What the guided tour of the documentation shows, made as a person makes it, on the demo."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.steps import map as map_steps
from tests.e2e.steps.explorer import see_pictures

FOLDER = "Digits"
CORNER = "A corner of the map"


def open_explorer(page: Page, **state: str) -> None:
    """The demo's Explorer in a state of its address."""
    page.goto("/files/")
    page.locator("main table").get_by_role("link", name=FOLDER).first.click()
    page.locator(".page-actions").get_by_role("link", name="Explorer").click()
    expect(page.locator("#explorer-grid")).to_be_visible()
    if state:
        parameters = "&".join(f"{name}={value}" for name, value in state.items())
        page.goto(f"{page.url.partition('?')[0]}?{parameters}")
        expect(page.locator("#explorer-grid, #map[data-ready]").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def schema(page: Page) -> None:
    """The keys of the schema."""
    page.goto("/schema/")
    page.wait_for_load_state("networkidle")


def import_page(page: Page) -> None:
    """Where vectors come in."""
    page.goto("/files/")
    page.locator("main table").get_by_role("link", name=FOLDER).first.click()
    page.get_by_role("link", name=re.compile("^Import")).click()
    page.wait_for_load_state("networkidle")


def filtered(page: Page) -> None:
    """Two digits, by the rail."""
    open_explorer(page, order="name")
    digits = page.locator("#rail").get_by_role("checkbox", name=re.compile("^[35]\\b"))
    # On narrow pages the rail is away until it is asked for.
    folded = not digits.first.is_visible()
    if folded:
        page.keyboard.press("f")
    for place in (0, 1):
        digits.nth(place).check()
        page.wait_for_load_state("networkidle")
    if folded:
        page.keyboard.press("f")
    expect(page.locator(".chip").first).to_be_visible()
    see_pictures(page, ".tile img")


def region(page: Page) -> None:
    """A rectangle on the map, beside the grid."""
    open_explorer(page, view="split", order="name")
    expect(page.locator("#map[data-ready]")).to_be_visible()
    map_steps.draw_rectangle(page, right=0.45, bottom=0.5)
    see_pictures(page, ".tile img")


def collection(page: Page) -> None:
    """A collection of the region, with how it was made."""
    if not _opened(page, CORNER):
        region(page)
        page.get_by_role("button", name="Add to collection").click()
        _name_collection(page, CORNER)
        _opened(page, CORNER)
    page.wait_for_load_state("networkidle")


def comparison(page: Page) -> None:
    """Two collections side by side."""
    collection(page)
    page.get_by_role("link", name="Compare").click()
    page.wait_for_load_state("networkidle")


TOUR: dict[str, Callable[[Page], None]] = {
    "tour-schema": schema,
    "tour-import": import_page,
    "tour-filter": filtered,
    "tour-region": region,
    "tour-collection": collection,
    "tour-compare": comparison,
}


def _opened(page: Page, name: str) -> bool:
    """Open a collection, if it is there."""
    page.goto("/collections/")
    page.wait_for_load_state("networkidle")
    link = page.get_by_role("link", name=f"Details of {name}")
    if not link.count():
        return False
    link.first.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return True


def _name_collection(page: Page, name: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New collection").fill(name)
    dialog.get_by_role("button", name="Create and add").click()
    expect(dialog).to_be_hidden()
    page.wait_for_load_state("networkidle")
