"""The Schema page."""

from playwright.sync_api import Page, expect


def add_embedding_key(page: Page, name: str, size: int) -> None:
    """Add a key of type embedding."""
    page.get_by_role("link", name="Schema").click()
    page.get_by_role("button", name="Add key").click()
    dialog = page.get_by_role("dialog", name="Add key")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Type").select_option("embedding")
    dialog.get_by_label("Size").fill(str(size))
    dialog.get_by_role("button", name="Add key").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("embedding")
    expect(row).to_contain_text(str(size))
