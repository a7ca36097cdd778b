"""Collections as sets: made of others, followed back through their recipes, searched like."""

import re

import pytest
from playwright.sync_api import APIRequestContext, Locator, Page, expect

from tests.e2e import rest
from tests.e2e.conftest import Site
from tests.e2e.crowds import add_units
from tests.e2e.steps import account, explorer, schema

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

KEY = "hues"
UNITS = 12


def test_collections__are_united_subtracted_replayed_and_searched_like(
    page: Page, site: Site, api: APIRequestContext
) -> None:
    account.sign_in(page, site.email, site.password)
    folder = _prepare(page, site, api)
    low = _create(page, folder, "Low", "Green")
    high = _create(page, folder, "High", "Orange")
    ids = [unit for _, unit in sorted(rest.units_by_name(api, folder).items())]
    rest.post(api, f"/collections/{low}/units/", {"units": ids[:6]})
    rest.post(api, f"/collections/{high}/units/", {"units": ids[4:8]})

    _combine(page, folder, "Union…", "Either", "8 units")
    expect(page.get_by_text("Added 8 units from the union of High and Low")).to_be_visible()
    either = page.url
    _combine(page, folder, "Subtract…", "Low alone", "4 units", first=low)
    expect(page.get_by_text("Added 4 units in Low but not in High")).to_be_visible()

    _change(api, low, high, ids)
    _replay(page, either)
    _find_more_like(page, either)


def _prepare(page: Page, site: Site, api: APIRequestContext) -> str:
    """A folder whose units have vectors on a quarter of a circle, but for the last two."""
    schema.add_embedding_key(page, KEY, 2)
    folder: str = api.post("/api/v1/folders/", data={"name": "Hues"}).json()["id"]
    add_units(site.logs.parent, folder, UNITS)
    vectors = [{"name": f"image-{n:07}.png", "values": [UNITS - n, n]} for n in range(2, UNITS)]
    rest.post(api, f"/folders/{folder}/vectors/", {"key": KEY, "vectors": vectors})
    return folder


def _create(page: Page, folder: str, name: str, colour: str) -> str:
    """An empty collection, with a colour."""
    page.goto(f"/collections/folder/{folder}/")
    page.get_by_role("button", name="New collection").click()
    dialog = page.get_by_role("dialog", name="New collection")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("radio", name=colour).check()
    dialog.get_by_role("button", name="Create in Hues").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page.locator("h1 .swatch")).to_have_attribute("title", colour)
    return page.url.rstrip("/").rpartition("/")[2]


def _combine(
    page: Page, folder: str, action: str, name: str, expected: str, first: str = ""
) -> None:
    """Tick High and Low, and make another collection of them."""
    page.goto(f"/collections/folder/{folder}/")
    bar = page.get_by_role("form", name="Selected collections of Hues")
    page.get_by_role("checkbox", name="Select High").check()
    expect(bar.get_by_role("button", name="Duplicate…")).to_be_visible()
    expect(bar.get_by_role("button", name=action)).to_be_hidden()
    page.get_by_role("checkbox", name="Select Low", exact=True).check()
    bar.get_by_role("button", name=action).click()
    dialog = page.get_by_role("dialog", name="New collection of 2")
    if first:
        with page.expect_response(re.compile("/collections/combine/")):
            dialog.get_by_role("combobox", name="First").select_option(first)
    expect(_chosen(dialog)).to_contain_text(expected)
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page.locator(".page-facts")).to_contain_text(expected)


def _chosen(dialog: Locator) -> Locator:
    return dialog.locator("label.check:has(input[name=operation]:checked)")


def _change(api: APIRequestContext, low: str, high: str, ids: list[int]) -> None:
    """Two more units in one of them, one fewer in the other."""
    rest.post(api, f"/collections/{low}/units/", {"units": ids[8:10]})
    gone = api.delete(f"/api/v1/collections/{high}/units/", data={"units": [ids[7]]})
    assert gone.json() == {"changed": 1, "unchanged": 0}


def _replay(page: Page, collection: str) -> None:
    """The preview tells the difference and lists it; then it is applied."""
    page.goto(collection)
    page.get_by_role("link", name="Replay on today’s data").click()
    difference = page.locator(".difference")
    expect(difference).to_have_text(re.compile(r"2\s+added\s+1\s+removed\s+7\s+kept\s+9\s+in all"))
    expect(page.get_by_text("Names 9 units today")).to_be_visible()
    preview = page.url

    difference.get_by_role("link", name="added").click()
    explorer.expect_count(page, 2)
    expect(page.locator(".chip").first).to_contain_text("Either")
    page.goto(preview)
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("Replayed: 2 added, 1 removed, 9 units in all")).to_be_visible()
    expect(page.locator(".page-facts")).to_contain_text("9 units")


def _find_more_like(page: Page, collection: str) -> None:
    """The Explorer searches near the mean of the set, and shows none of it."""
    page.goto(collection)
    page.get_by_role("link", name="Find more like this").click()
    expect(page.get_by_text("Searching near the mean of 7 vectors of Either")).to_be_visible()
    expect(page.get_by_text("2 units of it have none that count")).to_be_visible()
    expect(page.locator(".chip").filter(has_text="Collection")).to_contain_text("Either")
    expect(page.locator("#explorer-strip")).to_be_visible()
    # Units 7, 10 and 11 are not in it; of them 7 points nearest to where the set does.
    explorer.expect_count(page, 3)
    expect(page.locator(".tile").first).to_contain_text("image-0000007.png")
