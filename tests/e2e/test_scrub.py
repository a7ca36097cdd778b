"""Hovering a video shows more of it."""

from pathlib import Path

import pytest
from playwright.sync_api import APIRequestContext, Page, expect

from tests.e2e import rest
from tests.e2e.conftest import Site
from tests.e2e.pictures import Picture
from tests.e2e.steps import account, files
from tests.folders.media_files import video

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


def test_hover__scrubs_a_video(
    page: Page, site: Site, api: APIRequestContext, pictures: list[Picture], tmp_path: Path
) -> None:
    clip = Picture("clip.mp4", video(tmp_path, frames=40, fps=10), pictures[0].vector)
    account.sign_in(page, site.email, site.password)
    folder = files.create_root_folder(page, "Films")
    files.drop_files(page, [clip, pictures[0]])
    rest.wait_for_jobs(api)
    page.goto(f"/explorer/{folder}/")
    tile = page.locator('.tile[data-kind="video"]')
    picture, length = tile.locator(".tile-picture img"), tile.locator(".tile-part")
    expect(length).to_have_text("0:04")
    poster = picture.get_attribute("src")
    box = picture.bounding_box()
    assert box is not None

    for share, moment in ((0.99, "0:03"), (0.4, "0:01"), (0.01, "0:00")):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=3)
        expect(length).to_have_text(moment)
        assert picture.get_attribute("src") != poster

    page.mouse.move(0, 0)
    expect(length).to_have_text("0:04")
    assert picture.evaluate("(image) => new URL(image.src).pathname") == str(poster).split("?")[0]
