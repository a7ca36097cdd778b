"""Uploading a directory over a connection that breaks, and what is made of it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import APIRequestContext, Browser, Page, Route, expect

from tests.e2e import rest
from tests.e2e.browser import TIMEOUT_MS
from tests.e2e.conftest import VIEWPORT_HEIGHT, VIEWPORT_WIDTH, Site
from tests.e2e.steps import account, files
from tests.e2e.steps.files import MEDIA_TIMEOUT_MS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

IMAGES = 30
IN_SUBFOLDER = 10
# Of the requests that send files: these are answered, but the answer is lost; those never arrive.
UNHEARD = range(4, 7)
LOST = range(10, 22)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Thirty images, a third of them in a subfolder; sidecars with and without their image."""
    root = tmp_path / "walk"
    (root / "night").mkdir(parents=True)
    random = np.random.default_rng(1)
    for number in range(IMAGES):
        place = root / "night" if number < IN_SUBFOLDER else root
        pixels = random.integers(0, 255, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"frame_{number}.png")
    (root / "night" / "frame_2.metadata.json").write_text(json.dumps({"species": "tawny owl"}))
    (root / "frame_12.png.metadata.json").write_text("{")
    (root / "ghost.metadata.json").write_text("{}")
    (root / "notes.txt").write_text("neither image nor video")
    return root


@pytest.fixture
def frail_page(browser: Browser, site: Site) -> Page:
    """A page whose requests fail in the middle, so that nobody watches for failures."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT}
    )
    context.set_default_timeout(TIMEOUT_MS)
    return context.new_page()


def breaking() -> Callable[[Route], None]:
    """A connection that breaks, now before the server hears anything and now after it has all."""
    asked = 0

    def carry(route: Route) -> None:
        nonlocal asked
        asked += 1
        if asked in UNHEARD:
            route.fetch()
        if asked in UNHEARD or asked in LOST:
            route.abort("connectionreset")
        else:
            route.continue_()

    return carry


def test_directory__arrives_once_over_a_connection_that_breaks(
    frail_page: Page, site: Site, api: APIRequestContext, directory: Path
) -> None:
    page = frail_page
    account.sign_in(page, site.email, site.password)
    folder = files.create_root_folder(page, "Walks")
    page.route("**/uploads/**", breaking())

    files.drop_paths(page, [directory])

    panel = page.locator("[data-upload]")
    title = panel.get_by_role("heading")
    expect(title).to_have_text(f"{IMAGES} files uploaded", timeout=MEDIA_TIMEOUT_MS)
    notes = panel.locator(".upload-notes")
    expect(notes).to_contain_text("Left out: notes.txt")
    expect(notes).to_contain_text("ghost.metadata.json: No item here is named “ghost”.")
    expect(notes).to_contain_text("frame_12.png.metadata.json: The file holds no valid JSON.")
    expect(notes).to_contain_text("1 sidecar file applied")
    walk, night = _folders(api, folder)
    assert _names(api, walk) == {f"frame_{n}.png" for n in range(IN_SUBFOLDER, IMAGES)}
    assert _names(api, night) == {f"frame_{n}.png" for n in range(IN_SUBFOLDER)}
    _expect_metadata(api, night)

    panel.get_by_label("Keep the images as").select_option("image_sequence")
    expect(panel).to_contain_text("One for each of the 2 folders.")
    panel.get_by_role("button", name="Make it").click()
    expect(notes).to_contain_text("2 sequences made.", timeout=MEDIA_TIMEOUT_MS)

    assert _names(api, walk) == {"walk"}
    assert _names(api, night) == {"night"}
    page.context.close()


def _folders(api: APIRequestContext, folder: str) -> tuple[str, str]:
    """The folders that the directory became."""
    (walk,) = _children(api, folder)
    (night,) = _children(api, walk["id"])
    assert (walk["name"], night["name"]) == ("walk", "night")
    return walk["id"], night["id"]


def _children(api: APIRequestContext, folder: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = rest.get(api, "/folders/", parent=folder)["results"]
    return found


def _names(api: APIRequestContext, folder: str) -> set[str]:
    """Names of a folder's items; each once."""
    items = rest.get(api, f"/folders/{folder}/items/")["results"]
    names = {item["name"] for item in items}
    assert len(names) == len(items)
    return names


def _expect_metadata(api: APIRequestContext, folder: str) -> None:
    (item,) = [
        item
        for item in rest.get(api, f"/folders/{folder}/items/")["results"]
        if item["name"] == "frame_2.png"
    ]
    assert rest.get(api, f"/items/{item['id']}/")["metadata"] == {"species": "tawny owl"}
