"""The main job in the Explorer without a mouse."""

import json
import re

import pytest
from playwright.sync_api import APIRequestContext, Locator, Page, expect

from tests.e2e import rest
from tests.e2e.conftest import Site
from tests.e2e.crowds import add_units, add_vectors
from tests.e2e.steps import account, explorer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

UNITS = 90
KEY = "angle"
# More presses than any page has places to stop at.
MOST_TABS = 250


@pytest.fixture(scope="module")
def folder(site: Site, api: APIRequestContext) -> str:
    """A folder of units with vectors."""
    made = str(api.post("/api/v1/folders/", data={"name": "Angles"}).json()["id"])
    add_units(site.logs.parent, made, UNITS)
    add_vectors(site.logs.parent, made, KEY, site.email)
    return made


@pytest.fixture(autouse=True)
def no_mouse(page: Page, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever clicks from now on fails."""
    account.sign_in(page, site.email, site.password)

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("There is no mouse.")

    for name in ("click", "dblclick", "hover", "check", "tap", "drag_to"):
        monkeypatch.setattr(Locator, name, refuse)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}.")


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def count(page: Page) -> int:
    """How many units the page says it shows."""
    return int(page.locator("#explorer-count").get_attribute("data-count") or -1)


def test_main_job__by_keyboard_alone(page: Page, api: APIRequestContext, folder: str) -> None:
    page.goto(f"/files/{folder}/")
    tab_to(page, page.locator(".page-actions").get_by_role("link", name="Explorer"))
    press(page, "Enter")
    expect(page.locator("#explorer[data-enhanced]")).to_be_visible()

    embeddings = page.get_by_role("button", name="Select custom embeddings")
    tab_to(page, embeddings)
    press(page, "Enter")
    expect(page.locator("#embedding-menu").get_by_role("link", name=KEY)).to_be_focused()
    press(page, "Enter")
    expect(embeddings).to_contain_text(KEY)
    expect(page).to_have_url(re.compile(f"embedding={KEY}"))

    # Newest first: the third from the end.
    tab_to(page, page.locator(".tile a.tile-picture").first)
    press(page, "ArrowRight", "ArrowRight")
    like = page.locator(".tile:focus-within")
    unit = int(like.get_attribute("data-unit") or 0)
    press(page, "s")
    expect(page.locator("#explorer-strip")).to_be_visible()
    expect(page.locator(".tile").first).to_have_attribute("data-unit", str(unit))
    explorer.expect_count(page, UNITS)

    tab_to(page, page.get_by_role("slider", name="Distance at most"))
    press(page, "Home", *["PageUp"] * 2)
    expect(page).to_have_url(re.compile("distance="))
    expect(page.locator("#explorer-count")).not_to_have_attribute("data-count", str(UNITS))
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping')")
    near = count(page)
    assert 5 < near < UNITS

    tab_to(page, page.locator(".tile a.tile-picture").first)
    press(page, " ", "Shift+ArrowRight", "Shift+ArrowRight")
    expect(page.locator("#selection-count")).to_have_text("3 selected")
    press(page, "c")
    dialog = page.get_by_role("dialog", name="Add to collection")
    expect(dialog.get_by_label("New collection")).to_be_focused()
    page.keyboard.type("Nearest three")
    press(page, "Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Added 3 units to Nearest three.")

    (made,) = rest.get(api, f"/folders/{folder}/collections/")["results"]
    assert (made["name"], made["units"]) == ("Nearest three", 3)
    tree = {"field": "collection", "op": "in", "value": [made["id"]]}
    members = {one["id"] for one in rest.units(api, folder, filter=json.dumps(tree))}
    assert unit in members


def test_actions__by_keyboard_alone(page: Page, folder: str) -> None:
    page.goto(f"/explorer/{folder}/?embedding={KEY}&order=name")
    expect(page.locator(".tiles.is-sheet")).to_be_visible()
    tab_to(page, page.locator(".tile a.tile-picture").first)
    press(page, " ", "ArrowRight", " ")
    expect(page.locator("#selection-count")).to_have_text("2 selected")

    press(page, "x")
    explorer.expect_count(page, UNITS - 2)
    expect(page.locator(".chip")).to_contain_text("not among 2 selected")
    expect(page.locator("#selection-bar")).to_be_hidden()

    tab_to(page, page.locator(".tile a.tile-picture").first)
    press(page, "Control+a")
    expect(page.locator("#selection-count")).to_have_text(f"All {UNITS - 2} selected")
    press(page, "a")
    expect(page.get_by_role("button", name="Add to collection")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="More actions"))
    press(page, "Enter")
    edit = page.get_by_role("button", name="Edit metadata…")
    expect(edit).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("heading", name=f"Edit metadata of {UNITS - 2} units")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#dialog")).to_be_hidden()

    press(page, "a")
    tab_to(page, page.get_by_role("button", name="Find similar to these"))
    press(page, "Enter")
    expect(page.locator("#toasts")).to_contain_text(
        f"Nearest to the mean of {UNITS - 2} {KEY} vectors."
    )
    explorer.expect_count(page, UNITS)
