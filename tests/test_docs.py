"""The documentation keeps up with the code."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_operations__every_setting_that_is_read_is_documented() -> None:
    sources = (ROOT / "platform" / "config").rglob("*.py")
    read = {
        name
        for source in sources
        for name in re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', source.read_text())
    }
    documented = set(re.findall(r"`([A-Z0-9_]{4,})`", (ROOT / "docs/operations.md").read_text()))

    assert len(read) > 10
    assert read <= documented


def test_docs__links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert not broken


def test_platform__no_module_lies_directly_in_it() -> None:
    assert not list((ROOT / "platform").glob("*.py"))
