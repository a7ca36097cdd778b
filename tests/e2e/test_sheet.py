"""A grid that is higher than a browser lets an element be."""

import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, expect

from embeddings.search.ranked import MAX_RANKED
from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.conftest import Site
from tests.e2e.crowds import add_units, add_vectors
from tests.e2e.steps import account

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

UNITS = 100_000
KEY = "angle"
# Chromium's cap on the height of an element; rows of one tile of 240 px exceed it.
CAP = 33_554_432
WIDTH, HEIGHT = 390, 844


@pytest.fixture(scope="module")
def crowd(site: Site, api: APIRequestContext) -> str:
    """The Explorer's address of a folder with very many units, by name, in large tiles."""
    folder = api.post("/api/v1/folders/", data={"name": "Crowd"}).json()["id"]
    add_units(site.logs.parent, folder, UNITS)
    add_vectors(site.logs.parent, folder, KEY, site.email)
    return f"/explorer/{folder}/?order=name&size=240"


@pytest.fixture
def phone(browser: Browser, site: Site, crowd: str) -> Iterator[Page]:
    """The grid on a narrow page, once it knows the order of all units."""
    context = browser.new_context(base_url=site.url, viewport={"width": WIDTH, "height": HEIGHT})
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    watch = Watch(context)
    page.goto(crowd)
    expect(page.locator(".tiles.is-sheet")).to_be_visible()
    yield page
    context.close()
    assert watch.problems == []


def names_in_view(page: Page) -> list[str]:
    """Names of the tiles whose picture lies wholly or partly in view, top first."""
    names = page.locator("#explorer-grid").evaluate(
        """(grid) => {
          const box = grid.getBoundingClientRect()
          return [...grid.querySelectorAll('.tile')]
            .filter((tile) => {
              const { top, bottom } = tile.getBoundingClientRect()
              return bottom > box.top && top < box.bottom
            })
            .map((tile) => tile.querySelector('.tile-name')?.textContent ?? '…')
        }"""
    )
    return [str(name) for name in names]


def scroll_to_share(page: Page, share: float) -> None:
    """Drag the bar to a share of its way."""
    page.locator("#explorer-grid").evaluate(
        """async (grid, share) => {
          grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight)
          for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
        }""",
        share,
    )
    page.wait_for_function("() => !document.querySelector('.tile[data-waiting]')")


def test_sheet__lands_on_the_right_tile_beyond_the_cap(phone: Page) -> None:
    rows = phone.locator(".tiles").evaluate(
        "(list) => getComputedStyle(list).gridAutoRows.replace('px', '')"
    )
    assert float(rows) * UNITS > CAP

    scroll_to_share(phone, 0.9)

    first = names_in_view(phone)[0]
    place = int(first.removeprefix("image-").removesuffix(".png"))
    assert place == pytest.approx(0.9 * UNITS, abs=3)
    tile = phone.locator(".tile").filter(has_text=first)
    assert tile.get_attribute("aria-posinset") == str(place + 1)


def test_sheet__shows_its_last_tile_at_the_end(phone: Page) -> None:
    scroll_to_share(phone, 1.0)

    assert names_in_view(phone)[-1] == f"image-{UNITS - 1:07}.png"


def test_sheet__keeps_the_page_small(phone: Page) -> None:
    for share in (0.1, 0.3, 0.5, 0.7):
        scroll_to_share(phone, share)

        assert phone.locator(".tile").count() < 40


def test_sheet__steps_by_rows_and_keys(phone: Page) -> None:
    scroll_to_share(phone, 0.5)
    before = names_in_view(phone)[0]
    phone.locator(".tile").filter(has_text=before).locator("a.tile-picture").focus()

    for _ in range(5):
        phone.keyboard.press("ArrowDown")

    place = int(before.removeprefix("image-").removesuffix(".png")) + 5
    expect(phone.locator(".tile:focus-within")).to_contain_text(f"image-{place:07}.png")


def test_sheet__selects_ranges_over_tiles_that_are_not_in_the_page(phone: Page) -> None:
    phone.locator(".tile").first.locator(".tile-check").click(force=True)
    scroll_to_share(phone, 0.005)
    last = names_in_view(phone)[-1]

    phone.locator(".tile").filter(has_text=last).locator(".tile-check").click(
        modifiers=["Shift"], force=True
    )

    place = int(last.removeprefix("image-").removesuffix(".png"))
    expect(phone.locator("#selection-count")).to_have_text(f"{place + 1:,} selected")
    expect(phone.locator("#selection-unlinked")).to_be_visible()


def test_sheet__asks_once_for_the_order_of_a_state(phone: Page) -> None:
    """A state comes in by many pieces; the order of all units is megabytes."""
    asked: list[str] = []
    phone.on(
        "request",
        lambda request: asked.append(request.url) if "/sequence/" in request.url else None,
    )

    phone.get_by_label("Find by name").fill("image-00001")

    expect(phone.locator("#explorer-count")).to_have_attribute("data-count", "100")
    expect(phone.locator(".tiles.is-sheet")).to_be_visible()
    phone.wait_for_load_state("networkidle")
    assert len(asked) == 1


def test_sheet__goes_through_the_hits_of_a_search(phone: Page) -> None:
    # The unit of image n points at the angle n / UNITS.
    first = phone.locator(".tile").first.get_attribute("data-unit")
    phone.goto(f"{phone.url}&embedding={KEY}&similar={first}")
    expect(phone.locator(".tiles.is-sheet")).to_be_visible()

    for share in (0.5, 1.0):
        scroll_to_share(phone, share)
        last = names_in_view(phone)[-1]
        place = int(last.removeprefix("image-").removesuffix(".png"))
        tile = phone.locator(".tile").filter(has_text=last)
        assert place == pytest.approx(share * MAX_RANKED, abs=4)
        assert tile.get_attribute("aria-posinset") == str(place + 1)
        assert tile.locator(".tile-badge").inner_text() == f"{1 - math.cos(place / UNITS):.3f}"
    assert place == MAX_RANKED - 1
