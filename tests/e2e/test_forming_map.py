"""A map that forms is used meanwhile: what is drawn on it is a filter that keeps its units."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, expect

from tests.e2e import rest
from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.conftest import VIEWPORT_HEIGHT, VIEWPORT_WIDTH, Site
from tests.e2e.crowds import add_units
from tests.e2e.steps import account, schema
from tests.e2e.steps.map import draw_rectangle

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

KEY, DIMENSIONS = "forming", 16
# Enough that the layout goes on for some ten seconds.
UNITS = 4000
BATCH = 1000


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


@pytest.fixture(scope="module", autouse=True)
def _key(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    schema.add_embedding_key(page, KEY, DIMENSIONS)
    context.close()


@pytest.fixture
def folder(api: APIRequestContext, site: Site, request: pytest.FixtureRequest) -> str:
    """Units with vectors, and no map yet."""
    body = {"name": request.node.name[:60]}
    folder: str = api.post("/api/v1/folders/", data=body).json()["id"]
    add_units(site.logs.parent, folder, UNITS)
    random = np.random.default_rng(0)
    middles = random.normal(scale=4, size=(8, DIMENSIONS))
    for first in range(0, UNITS, BATCH):
        values = middles[np.arange(BATCH) % 8] + random.normal(size=(BATCH, DIMENSIONS))
        sent = [
            {"name": f"image-{first + place:07}.png", "values": row.round(3).tolist()}
            for place, row in enumerate(values)
        ]
        rest.post(api, f"/folders/{folder}/vectors/", {"key": KEY, "vectors": sent})
    return folder


def _begin(api: APIRequestContext, folder: str) -> str:
    body = {"keys": [{"key": KEY, "reduce": True}]}
    answer = api.put(
        f"/api/v1/folders/{folder}/upgrade/",
        data=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    assert answer.ok, answer.text()
    (made,) = rest.get(api, f"/folders/{folder}/maps/")["results"]
    reduction: str = made["id"]
    return reduction


def _snapshot(api: APIRequestContext, reduction: str) -> int:
    """The number of the newest snapshot; 0 when the map is over."""
    headers = api.get(f"/api/v1/maps/{reduction}/forming/").headers
    return int(headers["x-kindred-number"] or 0)


def test_region__on_a_forming_map_is_a_filter_whose_units_stay(
    desk: Page, api: APIRequestContext, folder: str
) -> None:
    reduction = _begin(api, folder)
    desk.goto(f"/explorer/{folder}/?view=split&embedding={KEY}")
    expect(desk.locator(".map-forming")).to_be_visible()
    expect(desk.locator(".map-surface")).to_be_visible()

    selected = draw_rectangle(desk, right=0.5, bottom=0.95)
    drawn_on = _snapshot(api, reduction)
    # While the region stands, the layout goes on elsewhere and the points here do not move.
    desk.wait_for_timeout(3000)
    assert drawn_on > 0
    assert _snapshot(api, reduction) != drawn_on
    with desk.expect_response(re.compile("/selections/")) as answered:
        desk.get_by_role("button", name="Filter to selection").click()

    assert answered.value.status == 201
    assert answered.value.json()["units"] == selected
    assert 0 < selected < UNITS
    count = desk.locator(".explorer-chips-count")
    expect(count).to_have_text(f"{selected:,} units")
    expect(desk.locator(".chip")).to_contain_text("a region of the map as it formed")
    link = desk.url

    # The map is finished; the units are still those.
    rest.wait_for_jobs(api)
    desk.goto(link)
    expect(desk.locator("#map[data-ready]")).to_be_visible()
    expect(desk.locator(".map-status")).to_contain_text(f"{selected:,} match")
    expect(count).to_have_text(f"{selected:,} units")


def test_region__on_a_map_that_ends_meanwhile_waits_for_its_use(
    desk: Page, api: APIRequestContext, folder: str
) -> None:
    reduction = _begin(api, folder)
    desk.goto(f"/explorer/{folder}/?view=split&embedding={KEY}")
    expect(desk.locator(".map-forming")).to_be_visible()
    expect(desk.locator(".map-surface")).to_be_visible()
    selected = draw_rectangle(desk, right=0.5, bottom=0.95)

    assert api.post(f"/api/v1/maps/{reduction}/stop/").ok
    expect(desk.locator(".map-forming-step")).to_contain_text("The layout has ended.")
    rest.wait_for_jobs(api)
    desk.get_by_role("button", name="Exclude selection").click()

    expect(desk.locator(".explorer-chips-count")).to_have_text(f"{UNITS - selected:,} units")
    expect(desk.locator(".map-status-made")).to_contain_text("version 1")
