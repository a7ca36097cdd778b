"""Holds pages against axe's rules for WCAG 2.2 AA, in both themes."""

import json
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

_ROOT = Path(__file__).resolve().parent.parent.parent
_AXE = _ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """
async (tags) => {
  // Colours on their way from one theme to the other are of neither; the way begins with a frame.
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
  await Promise.allSettled(document.getAnimations().map((one) => one.finished))
  const found = await axe.run(document, { runOnly: { type: 'tag', values: tags } })
  return found.violations.map((one) => ({
    rule: one.id,
    help: one.help,
    places: one.nodes.slice(0, 5).map((node) => ({
      where: node.target.flat().join(' '),
      html: node.html.slice(0, 200),
      why: node.any.concat(node.all, node.none).map((check) => check.message).slice(0, 2),
    })),
  }))
}
"""


def violations(page: Page) -> list[str]:
    """What axe finds on a page as it stands, a line for each rule and theme."""
    lines = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if not page.evaluate("() => 'axe' in window"):
            # By the debugger's way in, which the Content-Security-Policy does not concern.
            page.evaluate(_AXE.read_text())
        lines += [f"{theme}: {_told(one)}" for one in page.evaluate(_RUN, _TAGS)]
    page.emulate_media(color_scheme="light")
    return lines


def _told(one: dict[str, Any]) -> str:
    return f"{one['rule']} ({one['help']}): {json.dumps(one['places'], ensure_ascii=False)}"
