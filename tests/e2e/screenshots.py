"""Takes pictures of a running stack with the demo, in light and dark, wide and narrow.

    python -m tests.e2e.screenshots --url http://127.0.0.1:8000 --email … --password … --into DIR

The password may come from KINDRED_ADMIN_PASSWORD. Files are named <page>-<theme>-<width>.png;
whatever a browser complained of is printed, and makes the exit status 1.
"""

import argparse
import os
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import Watch, open_browser
from tests.e2e.steps import account
from tests.e2e.steps.explorer import see_pictures
from tests.e2e.tour import TOUR

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
SIZES = ((1440, 900), (390, 844))
DEMO_FOLDER = "Digits"


def folder_page(page: Page) -> None:
    """The demo's folder."""
    page.goto("/files/")
    page.locator("main table").get_by_role("link", name=DEMO_FOLDER).first.click()
    expect(page.get_by_role("heading", name=DEMO_FOLDER, level=1)).to_be_visible()
    see_pictures(page, "#items-list img")


def upgrade_dialog(page: Page) -> None:
    """Folder upgrades, over the folder."""
    folder_page(page)
    page.get_by_role("link", name="Upgrade Folder").click()
    expect(page.get_by_role("dialog", name="Folder upgrades")).to_be_visible()


def explorer_grid(page: Page) -> None:
    """The Explorer as it opens."""
    folder_page(page)
    page.locator(".page-actions").get_by_role("link", name="Explorer").click()
    expect(page.locator("#explorer-grid")).to_be_visible()
    see_pictures(page, ".tile img")
    page.wait_for_load_state("networkidle")


def explorer_selection(page: Page) -> None:
    """The bar of a selection with its menu."""
    explorer_grid(page)
    for place in (0, 1, 2):
        page.locator(".tile-check").nth(place).click(force=True)
    page.locator("#selection-bar").get_by_role("button", name="More actions").click()
    expect(page.get_by_role("button", name="Delete…")).to_be_visible()


def selection_metadata(page: Page) -> None:
    """Metadata of a selection, to be set and cleared."""
    explorer_selection(page)
    page.get_by_role("button", name="Edit metadata…").click()
    expect(page.get_by_role("heading", name="Edit metadata of 3 units")).to_be_visible()


def explorer_map(page: Page) -> None:
    """The Explorer with the map beside the grid."""
    explorer_grid(page)
    page.locator("#explorer-views [data-view-link=split]").click()
    expect(page.locator("#map[data-ready]")).to_be_visible()
    page.wait_for_load_state("networkidle")


def similarity_search(page: Page) -> None:
    """A search with its strip."""
    explorer_map(page)
    # By name: the newest are frames of the video, which fill the first view.
    page.goto(f"{page.url}{'&' if '?' in page.url else '?'}order=name")
    expect(page.locator("#map[data-ready]")).to_be_visible()
    tile = page.locator(".tile[data-kind=image]").nth(1)
    tile.hover()
    tile.get_by_role("link", name="Similarity Search").click()
    expect(page.locator("#explorer-strip")).to_be_visible()
    see_pictures(page, ".tile img")


def console_page(path: str, heading: str) -> Callable[[Page], None]:
    """A page of the operators' console."""

    def show(page: Page) -> None:
        page.goto(f"/console/{path}")
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()

    return show


def console_job(page: Page) -> None:
    """The job that was tried again, with what it wrote."""
    page.goto("/console/core/job/?state__exact=failed&kind=folders.process_items")
    page.get_by_role("link", name="Reading media in Seabirds").first.click()
    log = page.locator(".console-log")
    expect(log).to_be_visible()
    log.scroll_into_view_if_needed()


# The operators' console; tests.e2e.console_life fills it.
CONSOLE: dict[str, Callable[[Page], None]] = {
    "console-overview": console_page("", "Overview"),
    "console-organisations": console_page("accounts/organisation/", "Organisations"),
    "console-people": console_page("accounts/user/", "Users"),
    "console-folders": console_page("folders/folder/", "Folders"),
    "console-items": console_page("folders/item/", "Items"),
    "console-jobs": console_page("core/job/", "Jobs"),
    "console-job": console_job,
    "console-mails": console_page("core/outgoingmail/", "Outgoing mails"),
    "console-keys": console_page("folders/metadatakey/", "Metadata keys"),
    "console-vectors": console_page("embeddings/vectorset/", "Vector sets"),
    "console-reductions": console_page("embeddings/reduction/", "Reductions"),
    "console-audit": console_page("core/auditevent/", "Audit events"),
}

PAGES: dict[str, Callable[[Page], None]] = {
    "folder": folder_page,
    "upgrade": upgrade_dialog,
    "explorer-grid": explorer_grid,
    "explorer-selection": explorer_selection,
    "selection-metadata": selection_metadata,
    "explorer-map": explorer_map,
    "similarity": similarity_search,
    **TOUR,
    **CONSOLE,
}


def main() -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="admin@localhost")
    parser.add_argument("--password", default=os.environ.get("KINDRED_ADMIN_PASSWORD", ""))
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--only", choices=["sign-in", *PAGES], nargs="*", default=[])
    parser.add_argument(
        "--colours", type=int, default=0, help="keep so many, for files of a third of the size"
    )
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with sync_playwright() as playwright, open_browser(playwright) as browser:
        for theme, size in product(THEMES, SIZES):
            problems += _shoot(browser, options, theme, size)
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


def _shoot(
    browser: Browser, options: argparse.Namespace, theme: Theme, size: tuple[int, int]
) -> list[str]:
    """Take every page in one theme and size; return what went wrong."""
    width, height = size
    context = browser.new_context(
        base_url=options.url, color_scheme=theme, viewport={"width": width, "height": height}
    )
    watch = Watch(context)
    page = context.new_page()

    def keep(name: str) -> None:
        if not options.only or name in options.only:
            # A pointer that rests where something was pressed would show its hover.
            page.mouse.move(0, 0)
            file = options.into / f"{name}-{theme}-{width}.png"
            page.screenshot(path=file)
            if options.colours:
                Image.open(file).convert("RGB").quantize(options.colours).save(file, optimize=True)

    page.goto("/sign-in/")
    keep("sign-in")
    account.sign_in(page, options.email, options.password)
    for name, show in PAGES.items():
        if not options.only or name in options.only:
            show(page)
            keep(name)
    context.close()
    return [f"{theme} {width}: {problem}" for problem in watch.problems]


if __name__ == "__main__":
    sys.exit(main())
