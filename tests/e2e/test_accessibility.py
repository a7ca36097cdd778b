"""axe finds nothing on any page that links lead to, nor in the states that one works in."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page

from tests.e2e import rest
from tests.e2e.accessibility import violations
from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.conftest import ORGANISATION, VIEWPORT_HEIGHT, VIEWPORT_WIDTH, Site
from tests.e2e.screenshots import (
    explorer_grid,
    explorer_map,
    explorer_selection,
    selection_metadata,
    similarity_search,
    upgrade_dialog,
)
from tests.e2e.steps import account
from tests.stack.running import manage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

_STATES: list[Callable[[Page], None]] = [
    explorer_grid,
    explorer_map,
    explorer_selection,
    selection_metadata,
    similarity_search,
    upgrade_dialog,
]
# The console is for operators.
_OPERATOR = (
    "from accounts.models import User; User.objects.update(is_staff=True, is_superuser=True)"
)
# Not pages: files, answers for programs, and ways out.
_NO_PAGES = re.compile(r"^/(api|media|static|sign-out|metrics|console/logout|console/jsi18n)")
_NAMES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/|$)")


@pytest.fixture(scope="module")
def demo(site: Site, api: APIRequestContext) -> Site:
    """The stack with the demo and its finished maps."""
    data = str(site.logs.parent)
    for arguments in (["demo", "--organisation", ORGANISATION], ["shell", "-c", _OPERATOR]):
        made = manage(*arguments, KINDRED_DATA=data)
        assert made.returncode == 0, made.stderr
    rest.wait_for_jobs(api)
    return site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """As everywhere, but for the Content-Security-Policy, which keeps axe from measuring by style.

    What pages themselves do against it shows in all other tests.
    """
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT},
        bypass_csp=True,
    )
    context.set_default_timeout(TIMEOUT_MS)
    watch = Watch(context)
    yield context.new_page()
    context.close()
    assert watch.problems == []


def test_pages__that_links_lead_to(page: Page, demo: Site) -> None:
    found = {address: violations(page) for address in _walk(page, ["/sign-in/"])}
    account.sign_in(page, demo.email, demo.password)
    found |= {address: violations(page) for address in _walk(page, ["/files/", "/console/"])}

    assert len(found) > 40
    wrong = [f"{address} {line}" for address, lines in found.items() for line in lines]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("show", _STATES, ids=lambda show: show.__name__)
def test_states__that_are_worked_in(page: Page, demo: Site, show: Callable[[Page], None]) -> None:
    account.sign_in(page, demo.email, demo.password)
    show(page)

    assert violations(page) == []


def _walk(page: Page, starts: list[str]) -> Iterator[str]:
    """Open one page of each kind that can be reached; yields its address while it stands open."""
    waiting = list(starts)
    seen = set()
    while waiting:
        address = waiting.pop(0)
        kind = _NAMES.sub("*", urlsplit(address).path)
        if kind in seen or _NO_PAGES.match(kind):
            continue
        seen.add(kind)
        answer = page.goto(address)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        page.wait_for_load_state("networkidle")
        yield address
        waiting += page.eval_on_selector_all(
            "a[href]:not([download])",
            "(links) => links.filter((a) => a.origin === location.origin)"
            ".map((a) => a.pathname + a.search)",
        )
