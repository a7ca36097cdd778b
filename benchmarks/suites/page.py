"""The Explorer in a real browser: what it loads and costs, with many units on the map and the grid.

Without a GPU the browser draws by software, so that frames say what the page costs a processor, not
how smooth it is on a desk. Seconds of processor are those of all of the browser's processes.
"""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.live import LiveServer
from benchmarks.suites.map_payload import laid_out_map
from benchmarks.world import add_many_images, new_world
from tests.e2e.browser import open_browser

_SIZE = {"width": 1440, "height": 900}
_STEPS = 40

_DRAWN = "() => document.querySelector('#map[data-ready]') !== null"
_TILES = "() => document.querySelector('.tiles.is-sheet .tile') !== null"
_SETTLED = "() => !document.querySelector('.tile[data-waiting]')"
# Two frames: the first one may have begun before.
_FRAME = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
_SCROLL = """(share) => {
  const grid = document.querySelector('#explorer-grid')
  grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight)
}"""
_BYTES = """() => performance.getEntriesByType('resource')
  .concat(performance.getEntriesByType('navigation'))
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""
_PAINTED = """() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"""


@dataclass(frozen=True, slots=True)
class _Tab:
    """A page that is looked at, and the processes behind it."""

    page: Page
    session: CDPSession

    def heap(self) -> float:
        """Megabytes that scripts hold."""
        self.session.send("HeapProfiler.collectGarbage")
        used = self.session.send("Runtime.getHeapUsage")["usedSize"]
        return float(used) / 2**20


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Who opens pages where."""

    address: str
    session: str


def add_arguments(parser: ArgumentParser) -> None:
    """The size."""
    parser.add_argument("--units", type=int, default=100_000, help="on map and grid (100000)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Open the map and the grid of a folder, and move about in both."""
    world = new_world("Page")
    units = add_many_images(world, arguments.units)
    reduction = laid_out_map(world, units)
    call_command("collectstatic", interactive=False, verbosity=0)
    explorer = f"/explorer/{world.root.pk}/"
    with LiveServer(world.actor) as server:
        # Before Playwright comes with its event loop, in which Django asks no database.
        visitor = _Visitor(server.address, server.session())
        with sync_playwright() as playwright, open_browser(playwright) as browser:
            map_address = f"{explorer}?view=map&embedding={reduction.key.name}"
            rows = [
                *_map(browser, visitor, map_address),
                *_grid(browser, visitor, f"{explorer}?order=name"),
            ]
    return {"sizes": {"units": len(units)}, "rows": rows}


def report(result: dict[str, Any]) -> str:
    """One line for each figure."""
    lines = [f"{result['sizes']['units']:,} units"]
    lines += [f"  {row['what']:<46} {row['value']:>10,.1f} {row['unit']}" for row in result["rows"]]
    return "\n".join(lines)


def _map(browser: Browser, visitor: _Visitor, address: str) -> list[dict[str, Any]]:
    tab = _open(browser, visitor)
    rows = _loaded("map", tab, address, _DRAWN)
    frame = tab.page.locator(".map-frame")
    box = frame.bounding_box()
    assert box  # noqa: S101 - it is drawn
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x, y)

    def zoom(step: int) -> None:
        tab.page.mouse.wheel(0, -60 if step % 2 else 60)

    def hover(step: int) -> None:
        tab.page.mouse.move(x + 5 * (step % 20), y + 3 * (step % 30))

    rows += _moved("map, a frame while zooming", tab, zoom)
    rows += _moved("map, a frame while hovering", tab, hover)
    rows.append(_row("map, heap of scripts", tab.heap(), "MB"))
    tab.page.context.close()
    return rows


def _grid(browser: Browser, visitor: _Visitor, address: str) -> list[dict[str, Any]]:
    tab = _open(browser, visitor)
    rows = _loaded("grid", tab, address, _TILES)
    before = tab.heap()

    def scroll(step: int) -> None:
        tab.page.evaluate(_SCROLL, (step + 1) / _STEPS)

    rows += _moved("grid, a step of scrolling through all", tab, scroll)
    tab.page.wait_for_function(_SETTLED)
    rows += [
        _row("grid, heap before scrolling", before, "MB"),
        _row("grid, heap after scrolling through all", tab.heap(), "MB"),
        _row("grid, tiles in the page", tab.page.locator(".tile").count(), ""),
    ]
    tab.page.context.close()
    return rows


def _open(browser: Browser, visitor: _Visitor) -> _Tab:
    context = browser.new_context(base_url=visitor.address, viewport=_SIZE)  # type: ignore[arg-type]
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": visitor.session,
                "url": visitor.address,
            }
        ]
    )
    page = context.new_page()
    return _Tab(page, context.new_cdp_session(page))


def _loaded(name: str, tab: _Tab, address: str, ready: str) -> list[dict[str, Any]]:
    """Open an address with nothing kept, and again with what the browser kept of it."""
    rows = []
    for visit in ("first visit", "again"):
        before, begin = _processor_seconds(), time.perf_counter()
        tab.page.goto(address)
        tab.page.wait_for_function(ready)
        seconds = time.perf_counter() - begin
        tab.page.evaluate(_FRAME)
        rows += [
            _row(f"{name}, {visit}: first paint", tab.page.evaluate(_PAINTED), "ms"),
            _row(f"{name}, {visit}: drawn", 1000 * seconds, "ms"),
            _row(f"{name}, {visit}: processor", 1000 * (_processor_seconds() - before), "ms"),
            _row(f"{name}, {visit}: bytes", tab.page.evaluate(_BYTES) / 1000, "kB"),
        ]
        tab.page.goto("about:blank")
    tab.page.goto(address)
    tab.page.wait_for_function(ready)
    return rows


def _moved(name: str, tab: _Tab, step: Callable[[int], None]) -> list[dict[str, Any]]:
    """Do something many times, each until it is drawn."""
    before, times = _processor_seconds(), []
    for number in range(_STEPS):
        begin = time.perf_counter()
        step(number)
        tab.page.evaluate(_FRAME)
        times.append(1000 * (time.perf_counter() - begin))
    used = 1000 * (_processor_seconds() - before) / _STEPS
    return [
        _row(f"{name}: median", median(times), "ms"),
        _row(f"{name}: slowest", max(times), "ms"),
        _row(f"{name}: processor", used, "ms"),
    ]


def _row(what: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit}


def _processor_seconds() -> float:
    """What the browser's processes have used."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                times = process.cpu_times()
                total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total
