"""Finds and starts Chromium, and notes everything that goes wrong in a page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Playwright,
    Request,
    Response,
    WebError,
    expect,
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "No Chromium or Chrome is installed. On Debian: apt-get install chromium. "
    "BROWSER=none leaves the browser tests out, BROWSER=/path/to/chrome names another one."
)
# Without a GPU pages draw by SwiftShader; no name but loopback's is resolved.
FLAGS = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# A request that the page itself gave up, as when one leaves it or types on.
GIVEN_UP = "net::ERR_ABORTED"

_REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`CSP ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`)
})
"""


class BrowserMissing(Exception):
    """There is no browser to drive."""


def find_browser() -> Path:
    """Return the browser to drive: BROWSER if it names one, else the first on PATH.

    Raises:
        BrowserMissing: none is installed.
    """
    wanted = os.environ.get("BROWSER", "")
    for name in (wanted,) if wanted else NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise BrowserMissing(MISSING)


# The machine may be busy with other tests: slow is not wrong.
TIMEOUT_MS = 30_000


@contextmanager
def open_browser(playwright: Playwright) -> Iterator[Browser]:
    """Run a headless browser."""
    expect.set_options(timeout=TIMEOUT_MS)
    # Chromium's sandbox does not work for root, which containers often are.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = playwright.chromium.launch(
        executable_path=find_browser(), headless=True, args=[*FLAGS, *sandbox]
    )
    try:
        yield browser
    finally:
        browser.close()


class Watch:
    """Notes console errors, exceptions, failed requests and violations of the CSP of a context."""

    def __init__(self, context: BrowserContext) -> None:
        self.problems: list[str] = []
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", self._exception)
        context.on("requestfailed", self._failure)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location
            where = f"{place['url']}:{place['lineNumber']}"
            self.problems.append(f"console: {message.text} ({where})")

    def _exception(self, error: WebError) -> None:
        self.problems.append(f"exception: {error.error.stack or error.error}")

    def _failure(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self.problems.append(f"failed: {request.method} {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")
