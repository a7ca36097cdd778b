"""The map beside the grid."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

# The tools above and the legend to the right lie over the points.
TOOLS_HEIGHT = 60
LEGEND_WIDTH = 220
# Half of what takes the press that moves the line between grid and map.
GUTTER = 8


def show_embeddings(page: Page) -> Locator:
    """Show the map beside the grid and wait until it is drawn."""
    page.locator("#explorer-views").get_by_role(
        "link", name=re.compile("split", re.IGNORECASE)
    ).click()
    expect(page.locator("#map[data-ready]")).to_be_visible()
    return page.locator("#map")


def point_on_screen(area: Locator) -> tuple[float, float]:
    """Where the picture of the map has ink that is not under tools or legend."""
    box = area.bounding_box()
    assert box is not None
    picture = Image.open(io.BytesIO(area.screenshot())).convert("RGB")
    pixels = np.asarray(picture, dtype=np.int16)
    away = np.abs(pixels - pixels[-2, 2]).sum(axis=2) > 120
    away[:TOOLS_HEIGHT] = False
    away[:, -LEGEND_WIDTH:] = False
    ys, xs = np.nonzero(away)
    assert len(xs), "The map shows no point."
    middle = len(xs) // 2
    return box["x"] + float(xs[middle]), box["y"] + float(ys[middle])


def hover_a_point(page: Page) -> str:
    """Rest on a point; return the name that its card shows beside the picture."""
    page.mouse.move(*point_on_screen(page.locator(".map-surface")), steps=3)
    card = page.locator(".map-card")
    expect(card).to_be_visible()
    picture = card.get_by_role("presentation")
    picture.evaluate("(image) => image.decode()")
    assert picture.evaluate("(image) => image.naturalWidth") > 0
    return card.locator(".map-card-name").inner_text()


def draw_rectangle(page: Page, *, right: float, bottom: float) -> int:
    """Select from the top left to these shares of the map; return the count that is said."""
    page.get_by_role("button", name="Select a rectangle").click()
    box = page.locator(".map-surface").bounding_box()
    assert box is not None
    # Between the tools above, the gutter to the left, and the points.
    page.mouse.move(box["x"] + GUTTER, box["y"] + TOOLS_HEIGHT)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * right, box["y"] + box["height"] * bottom, steps=10)
    page.mouse.up()
    actions = page.get_by_role("group", name="Region")
    expect(actions).to_be_visible()
    found = re.match(r"([\d,]+) unit", actions.inner_text())
    assert found is not None, actions.inner_text()
    return int(found[1].replace(",", ""))


def filter_to_selection(page: Page) -> None:
    """Turn the region into a filter."""
    page.get_by_role("button", name="Filter to selection").click()
    expect(page.locator(".chip").filter(has_text=re.compile("Map"))).to_be_visible()
