"""Fixtures of the browser tests: one stack and one browser for all of them."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, Playwright, sync_playwright

from tests.e2e.browser import TIMEOUT_MS, BrowserMissing, Watch, find_browser, open_browser
from tests.e2e.pictures import Picture, make_pictures
from tests.stack.running import RunningStack, manage

EMAIL = "ada@example.com"
PASSWORD = "a long enough password"
ORGANISATION = "Analytical Engines"
VIEWPORT_WIDTH = 1440
VIEWPORT_HEIGHT = 900


@dataclass(frozen=True, slots=True)
class Site:
    """A running stack and how to enter it."""

    url: str
    token: str
    logs: Path
    email: str = EMAIL
    password: str = PASSWORD


@pytest.fixture(autouse=True)
def _own_storage() -> None:
    """Undo the project's fixture of this name: these tests keep away from Django's storage."""


@pytest.fixture(scope="module")
def _playwright() -> Iterator[Playwright]:
    """Playwright, ended with the module: Django refuses its database to a thread with a loop."""
    if os.environ.get("BROWSER") == "none":
        pytest.skip("BROWSER=none: the main job in a real browser is left out")
    try:
        find_browser()
    except BrowserMissing as missing:
        pytest.fail(str(missing))
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def site(_playwright: Playwright) -> Iterator[Site]:
    """A stack with a person and an organisation, without the demo."""
    folder = Path(tempfile.mkdtemp(prefix="kindred-e2e-"))
    stack = RunningStack(folder / "data")
    try:
        stack.wait_until_ready()
        stack.wait_for("Ctrl-C stops everything")
        yield Site(stack.url, _bootstrap(folder / "data"), folder / "data" / "logs")
    finally:
        stack.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    """A headless browser."""
    with open_browser(_playwright) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a fresh person at a desk; nothing may go wrong in it during the test."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT}
    )
    context.set_default_timeout(TIMEOUT_MS)
    watch = Watch(context)
    page = context.new_page()
    yield page
    _keep_picture(page, request.node.name)
    context.close()
    assert watch.problems == [], _errors_in(site.logs)


@pytest.fixture(scope="module")
def api(_playwright: Playwright, site: Site) -> Iterator[APIRequestContext]:
    """The REST API with the person's token."""
    headers = {"Authorization": f"Bearer {site.token}"}
    context = _playwright.request.new_context(base_url=site.url, extra_http_headers=headers)
    yield context
    context.dispose()


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """Two hundred files with vectors."""
    return make_pictures()


def _errors_in(logs: Path) -> str:
    """The first error that each web process wrote down: the page only knows that there was one."""
    texts = [path.read_text(errors="replace") for path in sorted(logs.glob("web-*.log"))]
    return "\n".join(text[text.find("Traceback") :][:8000] for text in texts if "Traceback" in text)


def _bootstrap(data: Path) -> str:
    wanted = {"email": EMAIL, "password": PASSWORD, "organisation": ORGANISATION, "data": str(data)}
    arguments = [part for name, value in wanted.items() for part in (f"--{name}", value)]
    made = manage("bootstrap", *arguments)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def _keep_picture(page: Page, test: str) -> None:
    """Save what the page shows at last where KINDRED_E2E_SHOTS asks for it."""
    folder = os.environ.get("KINDRED_E2E_SHOTS")
    if folder:
        name = re.sub(r"\W+", "-", test)
        page.screenshot(path=Path(folder) / f"{name}.png")
