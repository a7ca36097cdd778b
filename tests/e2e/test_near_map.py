"""The map from near by, without WebGL2, and where it has little or nothing to show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import pytest
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, expect

from tests.e2e import rest
from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.conftest import VIEWPORT_HEIGHT, VIEWPORT_WIDTH, Site
from tests.e2e.crowds import add_units
from tests.e2e.pictures import Picture
from tests.e2e.steps import account, files, schema
from tests.e2e.steps.map import draw_rectangle, point_on_screen

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

KEY, PAIR = "near", "near-pair"
MANY = 2500
# As a browser without a graphics card and with software rendering turned off.
WITHOUT_WEBGL = """
const getContext = HTMLCanvasElement.prototype.getContext
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === 'webgl2' ? null : getContext.call(this, kind, ...rest)
}
"""


@dataclass(frozen=True)
class Nearby:
    """Folders with maps: of pictures, and of many units without files."""

    pictured: str
    crowd: str

    @staticmethod
    def address(folder: str, key: str = KEY) -> str:
        """The Explorer with the map alone."""
        return f"/explorer/{folder}/?view=map&embedding={key}"


@pytest.fixture(scope="module", autouse=True)
def _keys(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    schema.add_embedding_key(page, KEY, 3)
    schema.add_embedding_key(page, PAIR, 2)
    context.close()


@pytest.fixture(scope="module")
def nearby(browser: Browser, site: Site, api: APIRequestContext, pictures: list[Picture]) -> Nearby:
    """Maps by principal components, which take no time."""
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    pictured = files.create_root_folder(page, "Near by")
    files.drop_files(page, pictures[:60])
    context.close()
    rest.wait_for_jobs(api)
    crowd = api.post("/api/v1/folders/", data={"name": "Crowd"}).json()["id"]
    add_units(site.logs.parent, crowd, MANY)
    names = list(rest.units_by_name(api, pictured))
    place_units(api, pictured, names)
    place_units(api, crowd, [f"image-{number:07}.png" for number in range(MANY)])
    rest.wait_for_jobs(api)
    return Nearby(pictured, crowd)


def place_units(api: APIRequestContext, folder: str, names: list[str], key: str = KEY) -> None:
    """Give units vectors in three heaps, and ask for their map."""
    random = np.random.default_rng(1)
    size = 3 if key == KEY else 2
    sent = []
    for number, name in enumerate(names):
        values = random.normal(size=size)
        values[number % size] += 9
        sent.append({"name": name, "values": values.round(4).tolist()})
    for first in range(0, len(sent), 1000):
        rest.post(
            api, f"/folders/{folder}/vectors/", {"key": key, "vectors": sent[first : first + 1000]}
        )
    begin(api, folder, key)


def begin(api: APIRequestContext, folder: str, key: str, method: str = "pca") -> None:
    """Upgrade a folder."""
    body = {"keys": [{"key": key, "reduce": True, "method": method}]}
    answer = api.put(f"/api/v1/folders/{folder}/upgrade/", data=body)
    assert answer.ok, answer.text()


def _context(browser: Browser, site: Site, **options: object) -> BrowserContext:
    size = {"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT}
    context = browser.new_context(base_url=site.url, viewport=size, **options)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    return context


@pytest.fixture(params=["light", "dark"])
def desk(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a person who has signed in, in each theme; nothing may go wrong in it."""
    context = _context(browser, site, color_scheme=request.param)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    watch = Watch(context)
    yield page
    context.close()
    assert watch.problems == []


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Page]:
    """The same in a browser without WebGL2."""
    context = _context(browser, site)
    context.add_init_script(WITHOUT_WEBGL)
    page = context.new_page()
    account.sign_in(page, site.email, site.password)
    watch = Watch(context)
    yield page
    context.close()
    assert watch.problems == []


def open_map(page: Page, address: str) -> None:
    """Show a map and wait until it is drawn."""
    page.goto(address)
    expect(page.locator("#map[data-ready]")).to_be_visible()


def zoom_in(page: Page, steps: int) -> None:
    """Turn the wheel over a point."""
    page.mouse.move(*point_on_screen(page.locator(".map-surface")))
    for _ in range(steps):
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(50)


def drawn(page: Page) -> bool:
    """Whether something is drawn on the 2D canvas of the map."""
    return bool(
        page.locator(".map-canvas").evaluate(
            """(canvas) => canvas.getContext('2d')
                 .getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0)"""
        )
    )


def test_near__points_are_pictures_and_can_be_pointed_at(desk: Page, nearby: Nearby) -> None:
    open_map(desk, nearby.address(nearby.pictured))
    thumbs = desk.locator(".map-thumb")
    desk.wait_for_timeout(600)
    expect(thumbs).to_have_count(0)

    zoom_in(desk, 4)
    expect(thumbs.first).to_be_visible()
    shown = thumbs.count()
    assert 1 < shown <= 60
    first = thumbs.first
    first.evaluate("(image) => image.decode()")
    assert first.evaluate("(image) => image.naturalWidth") > 0
    assert first.evaluate("(image) => getComputedStyle(image).borderColor") != "rgb(0, 0, 0)"
    boxes = [box for box in (one.bounding_box() for one in thumbs.all()) if box]
    side = boxes[0]["width"]
    for place, box in enumerate(boxes):
        for other in boxes[:place]:
            apart = max(abs(box["x"] - other["x"]), abs(box["y"] - other["y"]))
            assert apart >= side - 1

    # A corner of the picture is the point as well, and keys go on as they did.
    box = boxes[0]
    desk.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4, steps=3)
    expect(desk.locator(".map-card")).to_be_visible()
    desk.locator(".map-frame").focus()
    desk.keyboard.press("n")
    expect(desk.locator(".map-ring")).not_to_have_count(0)
    desk.keyboard.press("0")
    expect(thumbs).to_have_count(0)


def test_near__of_too_many_points_there_are_none(desk: Page, nearby: Nearby) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    open_map(desk, nearby.address(nearby.crowd))
    zoom_in(desk, 2)
    desk.wait_for_function("() => /map=[^,]+,[^,]+,/.test(location.hash)")
    desk.wait_for_timeout(800)

    assert not [url for url in asked if "ordinals=" in url]


def test_without_webgl__the_server_draws_the_points(plain: Page, nearby: Nearby) -> None:
    with plain.expect_response(re.compile("/picture/.*scheme=light")) as answered:
        open_map(plain, nearby.address(nearby.crowd))

    assert answered.value.ok
    assert answered.value.headers["content-type"] == "image/png"
    said = plain.locator(".map-notice")
    expect(said).to_contain_text("This browser cannot draw the live map.")
    expect(said).to_contain_text("Showing a picture of it")
    plain.wait_for_timeout(200)
    assert drawn(plain)

    # Rectangles work as ever: the points are known, and only their drawing is the server's.
    selected = draw_rectangle(plain, right=0.5, bottom=0.95)
    assert 0 < selected < MANY
    plain.get_by_role("button", name="Filter to selection").click()
    expect(plain.locator(".explorer-chips-count")).to_have_text(f"{selected:,} units")
    expect(plain.locator(".map-status")).to_contain_text(f"{selected:,} match")


def test_without_webgl__the_picture_is_that_of_the_theme(plain: Page, nearby: Nearby) -> None:
    open_map(plain, nearby.address(nearby.crowd))

    with plain.expect_response(re.compile("/picture/.*scheme=dark")) as answered:
        plain.emulate_media(color_scheme="dark")

    assert answered.value.ok


def test_without_webgl__from_near_by_single_points_are_drawn(plain: Page, nearby: Nearby) -> None:
    open_map(plain, nearby.address(nearby.pictured))
    assert drawn(plain)

    plain.locator(".map-frame").focus()
    plain.keyboard.press("n")

    expect(plain.locator(".map-card")).to_be_visible()


def test_without_scripts__there_is_a_picture(
    browser: Browser, site: Site, nearby: Nearby, api: APIRequestContext
) -> None:
    signed_in = _context(browser, site)
    account.sign_in(signed_in.new_page(), site.email, site.password)
    context = _context(
        browser, site, java_script_enabled=False, storage_state=signed_in.storage_state()
    )
    signed_in.close()
    page = context.new_page()
    page.goto(nearby.address(nearby.crowd))

    still = page.locator(".map-still")
    expect(still).to_be_visible()
    box = still.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 300
    context.close()


def _folder(api: APIRequestContext, site: Site, name: str, count: int) -> str:
    body = {"name": f"{name} {uuid4().hex[:6]}"}
    folder: str = api.post("/api/v1/folders/", data=body).json()["id"]
    add_units(site.logs.parent, folder, count)
    return folder


def test_little__one_point_and_none(
    plain: Page, desk: Page, api: APIRequestContext, site: Site
) -> None:
    one = _folder(api, site, "One", 3)
    place_units(api, one, ["image-0000000.png"], PAIR)
    zero = _folder(api, site, "Zero", 2)
    vectors = [{"name": f"image-000000{place}.png", "values": [0, 0]} for place in range(2)]
    rest.post(api, f"/folders/{zero}/vectors/", {"key": PAIR, "vectors": vectors})
    begin(api, zero, PAIR)
    rest.wait_for_jobs(api)

    for page in (desk, plain):
        open_map(page, Nearby.address(one, PAIR))
        expect(page.locator(".map-notice")).to_contain_text("One point alone says nothing yet.")
        expect(page.locator(".map-status")).to_contain_text("1 of 3 units")
        page.locator(".map-frame").focus()
        page.keyboard.press("n")
        expect(page.locator(".map-card-name")).to_have_text("image-0000000.png")

        open_map(page, Nearby.address(zero, PAIR))
        expect(page.get_by_role("heading", name="No points on this map")).to_be_visible()
        expect(page.locator(".map-empty")).to_contain_text("all zeros")
        expect(page.get_by_role("link", name="Upgrade Folder")).to_be_visible()


def test_cancelled__while_one_looks_says_so_and_what_to_do(
    desk: Page, api: APIRequestContext, site: Site
) -> None:
    folder = _folder(api, site, "Cancelled", MANY)
    names = [f"image-{number:07}.png" for number in range(MANY)]
    random = np.random.default_rng(3)
    sent = [{"name": name, "values": random.normal(size=3).round(4).tolist()} for name in names]
    for first in range(0, MANY, 1000):
        body = {"key": KEY, "vectors": sent[first : first + 1000]}
        rest.post(api, f"/folders/{folder}/vectors/", body)
    begin(api, folder, KEY, "tsne")
    desk.goto(Nearby.address(folder))
    expect(desk.locator(".map-forming")).to_be_visible()

    desk.get_by_role("button", name="Cancel").click()

    expect(desk.get_by_role("heading", name=f"The map of {KEY} was cancelled")).to_be_visible()
    expect(desk.locator("#map")).to_contain_text("Save Folder upgrades to compute it.")
