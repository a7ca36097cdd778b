"""Signing in."""

import re

from playwright.sync_api import Page, expect


def sign_in(page: Page, email: str, password: str) -> None:
    """Open the site, which asks who one is, and answer."""
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("/sign-in/"))
