"""Files dropped by hand: pictures on a folder, a matrix with its ids on the form, one where nothing
takes it.
"""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import APIRequestContext, Page, expect

from tests.e2e import rest
from tests.e2e.conftest import Site
from tests.e2e.pictures import Picture
from tests.e2e.steps import account, files
from tests.e2e.steps.files import MEDIA_TIMEOUT_MS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

COUNT = 4
_DROP = """
() => {
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File(['x'], 'owl.png', { type: 'image/png' }))
  const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer })
  document.querySelector('main').dispatchEvent(event)
  return event.defaultPrevented
}
"""


def test_matrix_and_ids__dropped_together_become_vectors(
    page: Page, site: Site, api: APIRequestContext, pictures: list[Picture], tmp_path: Path
) -> None:
    some = pictures[:COUNT]
    account.sign_in(page, site.email, site.password)
    folder = files.create_root_folder(page, "Drops")
    files.drop_files(page, some)
    files.wait_for_thumbnails(page, COUNT)
    np.save(tmp_path / "matrix.npy", np.stack([one.vector for one in some]))
    (tmp_path / "ids.txt").write_text("\n".join(one.name for one in some))

    page.get_by_role("link", name="Import…").click()
    page.wait_for_load_state("networkidle")
    files.drop_paths(page, [tmp_path / "ids.txt", tmp_path / "matrix.npy"])
    expect(page.locator('input[name="kind"][value="vectors"]')).to_be_checked()
    page.get_by_label("Name of the new key").fill("dropped")
    page.get_by_role("button", name="Check the file").click()
    checked = page.locator('#import[data-state="checked"]')
    expect(checked).to_be_visible(timeout=MEDIA_TIMEOUT_MS)
    expect(checked).to_contain_text("with ids.txt")
    files.carry_out_import(page)

    items = rest.get(api, f"/folders/{folder}/items/")["results"]
    for one in some:
        (item_id,) = [item["id"] for item in items if item["name"] == one.name]
        vector = rest.get(api, f"/items/{item_id}/", vectors=True)["metadata"]["dropped"]
        assert np.array(vector, dtype=np.float32).tolist() == one.vector.tolist()

    page.goto(f"/files/{folder}/")
    page.get_by_role("link", name=some[0].name).first.click()
    expect(page.get_by_role("heading", name=some[0].name)).to_be_visible()
    # The page stays: the browser does not open the file in its place.
    assert page.evaluate(_DROP) is True
