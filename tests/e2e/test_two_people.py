"""Two people in two browsers work in one folder and see what the other one does."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, expect

from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.conftest import VIEWPORT_HEIGHT, VIEWPORT_WIDTH, Site
from tests.e2e.crowds import add_person, add_units
from tests.e2e.steps import account, explorer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

UNITS = 12
EDITOR = "grace@example.com"
VIEWER = "alan@example.com"
PASSWORD = "another long password"


@pytest.fixture(scope="module")
def folder(site: Site, api: APIRequestContext) -> str:
    """A folder that one more person edits and a third one looks at."""
    made = str(api.post("/api/v1/folders/", data={"name": "Shared"}).json()["id"])
    data = site.logs.parent
    add_units(data, made, UNITS)
    for email, name, role in ((EDITOR, "Grace", "editor"), (VIEWER, "Alan", "viewer")):
        add_person(data, made, email=email, password=PASSWORD, name=name, role=role)
    return made


def _browse(browser: Browser, site: Site, email: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=site.url, viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT}
    )
    context.set_default_timeout(TIMEOUT_MS)
    watch = Watch(context)
    page = context.new_page()
    account.sign_in(page, email, PASSWORD)
    yield page
    context.close()
    assert watch.problems == []


@pytest.fixture
def other(browser: Browser, site: Site, folder: str) -> Iterator[Page]:
    """The browser of the other editor."""
    yield from _browse(browser, site, EDITOR)


@pytest.fixture
def onlooker(browser: Browser, site: Site, folder: str) -> Iterator[Page]:
    """The browser of the viewer."""
    yield from _browse(browser, site, VIEWER)


def tick(page: Page, *numbers: int) -> None:
    """Select units by their numbers."""
    for number in numbers:
        tile = explorer.tile_of(page, f"image-{number:07}.png")
        tile.hover()
        tile.locator(".tile-check").click()
    expect(page.locator("#selection-count")).to_have_text(f"{len(numbers)} selected")


def act(page: Page, name: str) -> None:
    """Choose an action of the selection's menu."""
    page.get_by_role("button", name="More actions").last.click()
    page.locator("#selection-menu").get_by_role("button", name=name).click()


def delete_two(page: Page) -> None:
    """Delete the two that are selected."""
    act(page, "Delete…")
    question = page.get_by_role("dialog")
    expect(question.get_by_role("heading", name="Delete 2 items?")).to_be_visible()
    expect(question).to_contain_text("2 images")
    question.get_by_role("button", name="Delete 2 items").click()
    expect(page.locator("#toasts")).to_contain_text("2 items were deleted.")
    explorer.expect_count(page, UNITS - 2)


def test_two_people__see_each_others_changes(
    page: Page, other: Page, onlooker: Page, site: Site, folder: str
) -> None:
    account.sign_in(page, site.email, site.password)
    address = f"/explorer/{folder}/?order=name"
    for one in (page, other, onlooker):
        one.goto(address)
        explorer.expect_count(one, UNITS)

    # One makes a collection; the other one finds it, and takes a unit out of it.
    tick(page, 2, 5, 7)
    page.get_by_role("button", name="Add to collection").click()
    dialog = page.get_by_role("dialog", name="Add to collection")
    dialog.get_by_label("New collection").fill("Good ones")
    dialog.get_by_role("button", name="Create and add").click()
    expect(dialog).to_be_hidden()
    other.reload()
    explorer.filter_by_collection(other, "Good ones")
    explorer.expect_count(other, 3)
    tick(other, 5)
    other.get_by_role("button", name="Remove from collection", exact=True).click()
    expect(other.locator("#toasts")).to_contain_text("Removed 1 unit from Good ones.")
    explorer.expect_count(other, 2)

    # The first one sees it, and so does who may only look.
    for one in (page, onlooker):
        one.goto(address)
        explorer.filter_by_collection(one, "Good ones")
        explorer.expect_count(one, 2)
    tick(onlooker, 2)
    expect(onlooker.get_by_role("button", name="Add to collection")).to_have_count(0)
    onlooker.get_by_role("button", name="More actions").last.click()
    expect(onlooker.locator("#selection-menu").get_by_role("button")).to_have_text(
        [re.compile("Export…")]
    )

    # The other one deletes units, thinks better of it, and deletes them again.
    other.goto(address)
    tick(other, 7, 9)
    delete_two(other)
    other.locator("#toasts").get_by_role("button", name="Undo").click()
    explorer.expect_count(other, UNITS)
    page.goto(address)
    explorer.expect_count(page, UNITS)
    tick(other, 7, 9)
    delete_two(other)
    onlooker.reload()
    explorer.expect_count(onlooker, 1)
    for one in (page, onlooker):
        one.goto(address)
        explorer.expect_count(one, UNITS - 2)
