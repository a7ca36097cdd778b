"""Somebody is invited, accepts, is shown a folder, and sees it: by two people in two browsers."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import TIMEOUT_MS, Watch
from tests.e2e.conftest import Site
from tests.e2e.steps import account, files

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

GUEST = "grace@example.com"
PASSWORD = "another long password"


def test_invite_accept_share_see(page: Page, browser: Browser, site: Site) -> None:
    account.sign_in(page, site.email, site.password)
    folder = files.create_root_folder(page, "Compilers")
    link = _invite(page)

    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(TIMEOUT_MS)
    watch = Watch(context)
    guest = context.new_page()
    _accept(guest, link)
    expect(guest.locator("main")).not_to_contain_text("Compilers")
    hidden = context.request.get(f"/files/{folder}/")
    assert hidden.status == 404
    assert "ask for access" in hidden.text()

    _share_by_team(page, folder)

    guest.goto(f"/files/{folder}/")
    expect(guest.get_by_role("heading", name="Compilers", level=1)).to_be_visible()
    expect(guest.get_by_role("button", name="Upload")).to_have_count(0)
    guest.get_by_role("link", name="Who has access").click()
    why = guest.get_by_role("listitem").filter(has_text="Viewer, by team Perception on this folder")
    expect(why).to_contain_text("Grace Hopper")
    expect(guest.get_by_role("button", name="Share")).to_have_count(0)
    context.close()
    assert watch.problems == []


def _invite(page: Page) -> str:
    """Invite the guest; return the link, which a server without mail shows."""
    page.goto("/members/")
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog", name="Invite somebody")
    dialog.get_by_label("E-mail address").fill(GUEST)
    dialog.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link of the invitation").input_value()
    expect(page.get_by_role("listitem").filter(has_text=GUEST)).to_be_visible()
    return link


def _accept(guest: Page, link: str) -> None:
    """Open the link and make an account."""
    guest.goto(link)
    guest.get_by_label("Your name").fill("Grace Hopper")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Make account and join").click()
    expect(guest).to_have_url(re.compile("/files/$"))


def _share_by_team(page: Page, folder: str) -> None:
    """Put the guest into a new team, and share the folder with that."""
    page.goto("/teams/")
    page.get_by_role("button", name="New team").click()
    dialog = page.get_by_role("dialog", name="New team")
    dialog.get_by_label("Name").fill("Perception")
    dialog.get_by_role("button", name="Make team").click()
    page.get_by_label("Add a member").fill(GUEST)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("link", name="Grace Hopper")).to_be_visible()
    page.goto(f"/files/{folder}/access/")
    page.get_by_label("Person or team").fill("Perception")
    page.get_by_role("button", name="Share", exact=True).click()
    shared = page.get_by_role("listitem").filter(has_text="Perception").first
    expect(shared).to_be_visible()
