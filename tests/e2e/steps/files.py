"""The Files pages: folders, uploads, imports."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.pictures import Picture, Vector

# Thumbnails of two hundred pictures on a busy machine.
MEDIA_TIMEOUT_MS = 120_000

_MAKE_TRANSFER = """
(files) => {
  const transfer = new DataTransfer()
  for (const { name, type, data } of files) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
    transfer.items.add(new File([bytes], name, { type }))
  }
  return transfer
}
"""


def create_root_folder(page: Page, name: str) -> str:
    """Create a folder at the top, open it, and return its id."""
    page.get_by_role("link", name="Files", exact=True).first.click()
    page.get_by_role("button", name="New folder").first.click()
    dialog = page.get_by_role("dialog", name="New folder")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create folder").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    found = re.search(r"/files/([0-9a-f-]{36})/", page.url)
    assert found is not None, page.url
    return found[1]


def drop_files(page: Page, pictures: Sequence[Picture]) -> None:
    """Drop files onto the folder's page and watch the bar until all are uploaded."""
    files = [
        {"name": one.name, "type": one.mime, "data": base64.b64encode(one.data).decode()}
        for one in pictures
    ]
    transfer = page.evaluate_handle(_MAKE_TRANSFER, files)
    page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    expect(page.get_by_text(re.compile("Drop to upload"))).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    panel = page.locator("[data-upload]")
    expect(panel.get_by_role("heading")).to_have_text(f"Uploading {len(files)} files")
    expect(panel.get_by_role("progressbar").first).to_be_visible()
    done = expect(panel.get_by_role("heading"))
    done.to_have_text(f"{len(files)} files uploaded", timeout=MEDIA_TIMEOUT_MS)
    bar = panel.get_by_role("progressbar").first
    assert bar.evaluate("(bar) => bar.value === bar.max")


def wait_for_thumbnails(page: Page, count: int) -> None:
    """Wait until a worker has read all files, and see the pictures of those in sight."""
    facts = page.locator("#folder-status")
    expect(facts).to_contain_text(f"{count} units", timeout=MEDIA_TIMEOUT_MS)
    expect(facts).not_to_contain_text("Making thumbnails", timeout=MEDIA_TIMEOUT_MS)
    page.reload()
    expect(page.get_by_text("Processing", exact=True).locator("visible=true")).to_have_count(0)
    picture = page.locator("#items-list img").first
    expect(picture).to_be_visible()
    picture.evaluate("(image) => image.decode()")
    assert picture.evaluate("(image) => image.naturalWidth") > 0


def import_vectors_by_file(page: Page, key: str, vectors: Mapping[str, Vector]) -> None:
    """Import a JSON file of vectors by item name into the folder that is open."""
    items = [
        {"name": name, "metadata": {key: [float(value) for value in vector]}}
        for name, vector in vectors.items()
    ]
    content = json.dumps({"items": items}).encode()
    import_file(page, "vectors.json", content)
    expect(page.get_by_text("Nothing is wrong with the file.")).to_be_visible()
    carry_out_import(page)
    figures = page.locator(".import-figures")
    expect(figures).to_contain_text(f"Vectors under {key}")
    expect(figures).to_contain_text(str(len(items)))


def import_file(page: Page, name: str, content: bytes) -> None:
    """Choose a file on the import page of the folder that is open, and have it checked."""
    page.get_by_role("link", name="Import…").click()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Check the file").click()
    state = page.locator('#import[data-state="checked"]')
    expect(state).to_be_visible(timeout=MEDIA_TIMEOUT_MS)


def carry_out_import(page: Page) -> None:
    """Have what was checked written."""
    page.get_by_role("button", name="Import", exact=True).click()
    state = page.locator('#import[data-state="done"]')
    expect(state).to_be_visible(timeout=MEDIA_TIMEOUT_MS)


def drop_paths(page: Page, paths: Sequence[Path]) -> None:
    """Drop files and directories of the disk onto the page, as a file manager does."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for event in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": event, "x": 700, "y": 500, "data": data})
    session.detach()
