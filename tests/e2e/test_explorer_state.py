"""The state of the Explorer: kept as presets, undone, linked to, and shown without a script."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, expect

from tests.e2e import rest
from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.colleagues import add_colleague
from tests.e2e.conftest import VIEWPORT_HEIGHT, VIEWPORT_WIDTH, Site
from tests.e2e.crowds import add_units
from tests.e2e.steps import account, explorer, schema, upgrade

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

KEY = "shapes"
UNITS = 90
Open = Callable[..., Page]


@dataclass(frozen=True)
class World:
    """A root folder with a map, and who may see it."""

    folder: str
    ids: dict[str, int]
    people: dict[str, tuple[str, str]]

    @property
    def address(self) -> str:
        """Its Explorer by names."""
        return f"/explorer/{self.folder}/?order=name&embedding={KEY}"

    def unit(self, number: int) -> int:
        """The id of a unit."""
        return self.ids[name(number)]


def name(number: int) -> str:
    return f"image-{number:07}.png"


@pytest.fixture(scope="module")
def world(browser: Browser, site: Site, api: APIRequestContext) -> World:
    """Three groups of vectors, a colleague who may look at them, and a stranger who may not."""
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    schema.add_embedding_key(page, KEY, 3)
    folder = rest.post(api, "/folders/", {"name": "Shapes"})["id"]
    data = site.logs.parent
    add_units(data, folder, UNITS)
    random = np.random.default_rng(3)
    sent = []
    for number in range(UNITS):
        values = random.normal(scale=0.3, size=3)
        values[number % 3] += 9
        sent.append({"name": name(number), "values": values.tolist()})
    rest.post(api, f"/folders/{folder}/vectors/", {"key": KEY, "vectors": sent})
    upgrade.upgrade_folder(page, folder, KEY)
    context.close()
    people = {"ada": (site.email, site.password)}
    for who, seen in (("grace", folder), ("mallory", "")):
        email = f"{who}@example.com"
        password = add_colleague(data, site.email, email, who.title(), may_see=seen)
        people[who] = (email, password)
    return World(folder, rest.units_by_name(api, folder), people)


@pytest.fixture
def open_page(browser: Browser, site: Site, world: World) -> Iterator[Open]:
    """Opens a page of a person in a browser of his own; nothing may go wrong in any."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_as(who: str, *, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT},
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        account.sign_in(page, *world.people[who])
        watches.append(Watch(context))
        return page

    yield open_as
    for context in contexts:
        context.close()
    problems = [problem for watch in watches for problem in watch.problems]
    # Without scripts Chromium says of each that the policy forbids it.
    assert [problem for problem in problems if not problem.endswith(".js csp")] == []


def find(page: Page, text: str, count: int) -> None:
    """Find by name, and leave the field."""
    page.get_by_role("searchbox", name="Find by name").fill(text)
    explorer.expect_count(page, count)
    page.locator("#explorer-grid").focus()


def shown(page: Page) -> list[str]:
    """Names of the tiles, in order."""
    return page.locator(".tile .tile-name").all_inner_texts()


def test_preset__of_a_search_is_saved_applied_by_a_colleague_and_deleted(
    open_page: Open, world: World
) -> None:
    page = open_page("ada")
    page.goto(f"{world.address}&similar={world.unit(3)}&distance=0.01")
    expect(page.locator("#explorer-strip")).to_be_visible()
    found, address = shown(page), page.url
    assert 0 < len(found) <= UNITS / 3
    page.get_by_role("link", name="Save as preset").last.click()
    dialog = page.get_by_role("dialog", name="Save as preset")
    expect(dialog.get_by_role("list", name="What it holds")).to_contain_text("Similarity Search")
    dialog.get_by_label("Name").fill("Like the third")
    dialog.get_by_role("button", name="Save preset").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Presets: Like the third")).to_be_visible()

    # Not shared yet, it is nobody else's.
    guest = open_page("grace")
    guest.goto(f"/explorer/{world.folder}/?order=name")
    guest.get_by_role("button", name="Presets").click()
    expect(guest.locator("#preset-menu")).to_contain_text("No presets of Shapes yet")
    _share(page, "Like the third")
    guest.reload()
    guest.get_by_role("button", name="Presets").click()
    guest.locator("#preset-menu").get_by_role("link", name="Like the third").click()

    expect(guest.locator("#explorer-strip")).to_be_visible()
    expect(guest.get_by_role("button", name="Presets: Like the third")).to_be_visible()
    assert shown(guest) == found
    assert explorer.parameter(guest, "distance") == "0.01"
    stranger = open_page("mallory")
    refused = stranger.request.get(address)
    assert refused.status == 404

    # What the preset holds from now on is what its maker saw when he updated it.
    page.goto(world.address)
    find(page, "-000001", 10)
    _manage(page).get_by_role("button", name="Update Like the third").click()
    page.get_by_role("button", name="Update preset").click()
    dialog = page.get_by_role("dialog", name="Presets")
    expect(page.locator(".toast").last).to_contain_text("now holds the present filter")
    dialog.get_by_role("button", name="Delete Like the third").click()
    page.get_by_role("button", name="Delete preset").click()
    expect(dialog).to_contain_text("No presets of Shapes yet")


def _manage(page: Page) -> Page:
    page.get_by_role("button", name=re.compile("^Presets")).click()
    page.get_by_role("link", name="Manage presets").click()
    expect(page.get_by_role("dialog", name="Presets")).to_be_visible()
    return page


def _share(page: Page, preset: str) -> None:
    _manage(page).get_by_role("link", name=f"Rename or share {preset}").click()
    dialog = page.get_by_role("dialog", name="Change preset")
    dialog.get_by_label("Share with everybody who sees Shapes").check()
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("dialog", name="Presets").get_by_role("listitem")
    expect(row).to_contain_text("Shared · by")
    page.keyboard.press("Escape")


def test_steps__are_undone_and_redone_by_buttons_and_keys(open_page: Open, world: World) -> None:
    page = open_page("ada")
    page.goto(world.address)
    undo, redo = (page.get_by_role("button", name=verb, exact=True) for verb in ("Undo", "Redo"))
    expect(undo).to_be_disabled()
    expect(redo).to_be_disabled()
    find(page, "-000001", 10)
    page.locator("#explorer-views").get_by_role("link", name="Split").click()
    explorer.filter_by_embedding(page, KEY)
    expect(page.locator(".chip")).to_have_count(2)
    page.evaluate("() => { window.kept = true }")

    undo.click()
    expect(page.locator(".chip")).to_have_count(1)
    page.keyboard.press("Control+z")
    explorer.expect_count(page, UNITS)
    expect(undo).to_be_disabled()
    expect(page.get_by_role("searchbox", name="Find by name")).to_have_value("")
    # At the end nothing more happens, and how one looks has stayed.
    page.keyboard.press("Control+z")
    expect(page.locator("#explorer")).to_have_attribute("data-view", "split")
    assert "view=split" in page.url

    page.keyboard.press("Control+Shift+z")
    explorer.expect_count(page, 10)
    expect(page.get_by_role("searchbox", name="Find by name")).to_have_value("-000001")
    redo.click()
    expect(page.locator(".chip")).to_have_count(2)
    expect(redo).to_be_disabled()
    assert page.evaluate("() => window.kept"), "The page was loaded anew."

    # The browser's own button is the same step; another way from there ends what could be redone.
    page.go_back()
    expect(page.locator(".chip")).to_have_count(1)
    expect(redo).to_be_enabled()
    find(page, "-0000020", 1)
    expect(redo).to_be_disabled()
    page.reload()
    expect(undo).to_be_enabled()
    # In a field the keys are the field's, which has nothing to undo yet.
    box, before = page.get_by_role("searchbox", name="Find by name"), page.url
    box.focus()
    page.keyboard.press("Control+z")
    page.wait_for_timeout(500)
    assert page.url == before
    undo.click()
    expect(box).to_have_value("-000001")


def test_link__restores_the_whole_state_for_a_colleague(open_page: Open, world: World) -> None:
    page = open_page("ada")
    page.goto(f"{world.address}&view=split&order=-name&similar={world.unit(3)}&distance=0.01")
    expect(page.locator("#map[data-ready]")).to_be_visible()
    found = shown(page)
    page.locator(".map-frame").focus()
    for key in ("+", "+", "ArrowLeft", "l", " "):
        page.keyboard.press(key)
    region = page.get_by_role("group", name="Region").inner_text()
    page.wait_for_function("() => /lasso.*region=/.test(location.hash)")
    for tile in (page.locator(".tile").nth(1), page.locator(".tile").nth(3)):
        tile.locator(".tile-check").click(force=True)
    expect(page.locator("#selection-count")).to_have_text("2 selected")
    expect(page.locator("#selection-unlinked")).to_be_hidden()
    page.wait_for_function("() => location.hash.includes('units=')")
    link = page.url

    guest = open_page("grace")
    guest.goto(link)

    expect(guest.locator("#map[data-ready]")).to_be_visible()
    expect(guest.locator("#selection-count")).to_have_text("2 selected")
    assert shown(guest) == found
    expect(guest.locator(".tile.is-selected .tile-name")).to_have_text([found[1], found[3]])
    expect(guest.get_by_role("button", name="Select with a lasso")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(guest.get_by_role("group", name="Region")).to_have_text(region, use_inner_text=True)
    guest.wait_for_timeout(600)
    assert guest.url == link
    assert open_page("mallory").request.get(link).status == 404


def test_link__selects_all_that_match_and_says_what_is_gone(open_page: Open, world: World) -> None:
    page = open_page("grace")
    page.goto(world.address)
    find(page, "-000001", 10)
    page.keyboard.press("Control+a")
    expect(page.locator("#selection-count")).to_have_text("All 10 selected")
    page.wait_for_function("() => location.hash === '#units=all'")
    link = page.url

    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#selection-count")).to_have_text("All 10 selected")
    page.keyboard.press("Escape")
    page.wait_for_function("() => location.hash === ''")

    page.goto("about:blank")
    page.goto(f"{world.address}#units={world.unit(4)},999999999")
    expect(page.locator("#selection-count")).to_have_text("1 selected")
    expect(page.locator(".toast")).to_contain_text("1 unit more, gone since or not yours to see")
    page.wait_for_function(f"() => location.hash === '#units={world.unit(4)}'")


def test_badges__are_remembered(open_page: Open, world: World) -> None:
    page = open_page("grace")
    page.goto(f"{world.address}&similar={world.unit(3)}")
    expect(page.locator(".tile-badge").first).to_be_visible()
    steps = page.evaluate("() => history.length")
    page.get_by_role("button", name="Badges").click()
    with page.expect_response(re.compile(r"/explorer/[^/]+/\?")):
        page.get_by_label("Distance, or what they are sorted by").uncheck()

    expect(page.locator(".tile-badge")).to_have_count(0)
    assert page.evaluate("() => history.length") == steps
    page.goto(world.address)
    expect(page.locator(".tile-name").first).to_be_visible()
    with page.expect_response(re.compile(r"/explorer/[^/]+/\?")):
        page.get_by_role("button", name="Badges").click()
        page.get_by_label("Name", exact=True).uncheck()
    expect(page.locator(".tile-name")).to_have_count(0)
    page.goto(f"{world.address}&similar={world.unit(3)}")
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.locator(".tile-badge, .tile-name")).to_have_count(0)


def test_page__filters_orders_and_pages_without_a_script(open_page: Open, world: World) -> None:
    page = open_page("grace", scripts=False)
    page.goto(f"/explorer/{world.folder}/")
    expect(page.locator("#explorer-count")).to_have_text(f"{UNITS} units")
    for hidden in ("#tile-size", ".tile-check", "#explorer-steps", ".rail .skeleton"):
        expect(page.locator(hidden).first).to_be_hidden()

    page.locator("#explorer-order").get_by_role("button").click()
    page.locator("#order-menu").get_by_role("link", name="Name", exact=True).click()
    assert shown(page)[:2] == [name(0), name(1)]
    page.get_by_role("link", name="More units").click()
    assert shown(page) == [name(number) for number in range(60, UNITS)]

    rail = page.get_by_role("complementary", name="Filter")
    rail.get_by_label("Name contains").fill("-000001")
    rail.get_by_text("True", exact=True).first.click()
    rail.get_by_role("button", name="Apply").click()

    expect(page.locator("#explorer-count")).to_have_text("10 units")
    expect(page.locator(".chip")).to_have_count(2)
    assert shown(page) == [name(number) for number in range(10, 20)]
    assert urlsplit(page.url).query.count("order=name") == 1
    page.get_by_role("link", name="Remove the filter Name contains -000001").click()
    expect(page.locator("#explorer-count")).to_have_text(f"{UNITS} units")
    page.get_by_role("link", name="Save as preset").last.click()
    page.get_by_label("Name", exact=True).fill("Plain")
    page.get_by_role("button", name="Save preset").click()
    expect(page.get_by_role("button", name="Presets: Plain")).to_be_visible()
