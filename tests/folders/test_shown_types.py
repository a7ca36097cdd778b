"""Which originals browsers may show by themselves."""

import pytest

from folders.models import Item
from folders.storage import is_shown


@pytest.mark.parametrize("mime", ["image/png", "image/x-portable-pixmap", "video/mp4"])
def test_is_shown__pictures_and_videos(mime: str) -> None:
    assert is_shown(Item(mime_type=mime))


@pytest.mark.parametrize(
    "mime",
    [
        "",
        "text/html",
        "image/svg+xml",
        # A registration says the type as it likes; browsers read all of these as one with scripts.
        "image/SVG+XML",
        "image/svg+xml;charset=utf-8",
        "image/svg+xml ",
        "image/png,text/html",
        "image/png, text/html",
        "video/xml",
    ],
)
def test_is_shown__nothing_that_can_carry_scripts(mime: str) -> None:
    assert not is_shown(Item(mime_type=mime))
