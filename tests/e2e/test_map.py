"""The map while it is looked at: what is placed comes live, distances colour it, links keep it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, Request, expect

from tests.e2e import rest
from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.conftest import VIEWPORT_HEIGHT, VIEWPORT_WIDTH, Site
from tests.e2e.crowds import add_units
from tests.e2e.steps import account, schema, upgrade

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

KEY = "shapes"
UNITS, LAID_OUT = 60, 45


@dataclass(frozen=True)
class Shapes:
    """A root folder with a map of most of its units."""

    folder: str
    reduction: str
    ids: dict[str, int]

    @property
    def address(self) -> str:
        """Its Explorer, beside the map."""
        return f"/explorer/{self.folder}/?view=split&embedding={KEY}"


@pytest.fixture(scope="module")
def shapes(browser: Browser, site: Site, api: APIRequestContext) -> Shapes:
    """Three groups of vectors; the last few units have none yet."""
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    schema.add_embedding_key(page, KEY, 3)
    folder = api.post("/api/v1/folders/", data={"name": "Shapes"}).json()["id"]
    add_units(site.logs.parent, folder, UNITS)
    _send_vectors(api, folder, 0, LAID_OUT)
    upgrade.upgrade_folder(page, folder, KEY)
    context.close()
    (made,) = rest.get(api, f"/folders/{folder}/maps/")["results"]
    return Shapes(folder, made["id"], rest.units_by_name(api, folder))


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of a person who has signed in; nothing may go wrong in it."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT}
    )
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    watch = Watch(context)
    yield page
    context.close()
    assert watch.problems == []


def _send_vectors(api: APIRequestContext, folder: str, first: int, end: int) -> None:
    random = np.random.default_rng(first)
    sent = []
    for number in range(first, end):
        values = random.normal(scale=0.3, size=3)
        values[number % 3] += 9
        sent.append({"name": f"image-{number:07}.png", "values": values.tolist()})
    rest.post(api, f"/folders/{folder}/vectors/", {"key": KEY, "vectors": sent})


def _open(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#map[data-ready]")).to_be_visible()


def test_map__is_coloured_by_distance_while_there_is_a_search(desk: Page, shapes: Shapes) -> None:
    _open(desk, shapes.address)
    colour_by = desk.get_by_label("Colour by")
    assert "Distance" not in colour_by.inner_text()

    _open(desk, f"{shapes.address}&similar={shapes.ids['image-0000000.png']}")
    with desk.expect_response(re.compile("/distances/")) as answered:
        colour_by.select_option(label="Distance")

    assert answered.value.ok
    ends = desk.locator(".map-legend-ends")
    expect(ends).to_contain_text(re.compile(r"^0"))
    expect(ends).to_contain_text("median")
    expect(desk.locator(".map-legend-ramp")).to_be_visible()


def test_map__is_restored_by_its_link(desk: Page, shapes: Shapes) -> None:
    _open(desk, shapes.address)
    desk.locator(".map-frame").focus()
    for key in ("+", "+", "ArrowLeft", "l"):
        desk.keyboard.press(key)
    desk.get_by_label("Colour by").select_option(label="Kind")
    desk.wait_for_function("() => location.hash.includes('lasso,kind')")
    link = desk.url

    desk.goto("about:blank")
    _open(desk, link)

    expect(desk.get_by_role("button", name="Select with a lasso")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(desk.get_by_label("Colour by")).to_have_value("kind")
    desk.wait_for_timeout(600)
    assert desk.url == link


def test_map__lists_selects_and_opens_points_by_keys_alone(desk: Page, shapes: Shapes) -> None:
    _open(desk, shapes.address)
    desk.locator(".map-frame").focus()
    desk.keyboard.press(" ")
    desk.keyboard.press("i")
    listed = desk.get_by_role("region", name="Points of the region")
    expect(listed.get_by_role("listitem")).to_have_count(LAID_OUT)
    expect(listed.get_by_role("link").first).to_be_focused()

    desk.keyboard.press("ArrowDown")
    desk.keyboard.press(" ")

    region = desk.get_by_role("group", name="Region")
    expect(region).to_contain_text(f"{LAID_OUT - 1} units")
    second = listed.get_by_role("link").nth(1)
    expect(second).to_be_focused()
    address = second.get_attribute("href")
    # The units of this folder have no files for the item's page to show.
    desk.route(re.compile("/items/"), lambda route: route.fulfill(body="The item's page"))
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("The item's page")).to_be_visible()
    assert address is not None
    assert desk.url.endswith(address)


def test_map__shows_what_is_placed_without_loading_the_rest_again(
    desk: Page, api: APIRequestContext, shapes: Shapes
) -> None:
    _open(desk, shapes.address)
    desk.locator(".map-frame").focus()
    desk.keyboard.press("+")
    desk.wait_for_function("() => location.hash.startsWith('#map=')")
    look = desk.url
    loaded: list[str] = []

    def note(request: Request) -> None:
        if "/parts/" in request.url:
            loaded.append(request.url)

    desk.on("request", note)

    _send_vectors(api, shapes.folder, LAID_OUT, UNITS)

    new = UNITS - LAID_OUT
    expect(desk.get_by_role("button", name=f"{new} new")).to_be_visible()
    expect(desk.locator(".map-fresh")).to_have_count(new)
    expect(desk.locator(".map-status")).to_contain_text(f"{UNITS} units")
    # Of the parts, only the one that came was asked for; and nobody was moved.
    assert {url.split("/parts/")[1].split("?")[0] for url in loaded} == {"", f"{LAID_OUT}/"}
    assert desk.url == look
    expect(desk.locator(".map-frame")).to_be_focused()

    desk.get_by_role("button", name="Mark as seen").click()
    expect(desk.locator(".map-fresh")).to_have_count(0)
    parts = json.loads(desk.request.get(f"/api/v1/maps/{shapes.reduction}/parts/").text())
    assert parts["seen"] == UNITS
    _open(desk, shapes.address)
    expect(desk.locator(".map-fresh")).to_have_count(0)
