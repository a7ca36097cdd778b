"""The dialog Folder upgrades."""

import re

from playwright.sync_api import Page, expect

# A worker's t-SNE of two hundred vectors takes seconds; the machine may be busy.
REDUCTION_TIMEOUT_MS = 120_000


def upgrade_folder(page: Page, folder: str, key: str) -> None:
    """Ask for the map of an embedding key, and watch a worker make it."""
    page.goto(f"/files/{folder}/")
    page.get_by_role("link", name="Upgrade Folder").click()
    dialog = page.get_by_role("dialog", name="Folder upgrades")
    option = dialog.locator("option", has_text=key)
    dialog.get_by_label("Embedding key to add").select_option(option.get_attribute("value"))
    dialog.get_by_role("button", name="Add").click()
    row = dialog.locator(".upgrade-key").filter(has_text=key)
    row.get_by_label("Embedding reduction").check()
    dialog.get_by_role("button", name="Save and process changes").click()
    progress = dialog.locator("#upgrade-progress")
    expect(progress.locator(".progress-row")).to_be_visible()
    expect(dialog).to_contain_text("You can close this window.")
    badge = row.locator(".upgrade-state")
    expect(badge).to_have_text(re.compile("Map version 1"), timeout=REDUCTION_TIMEOUT_MS)
    expect(progress.locator(".progress-row")).to_have_count(0)
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_be_hidden()
