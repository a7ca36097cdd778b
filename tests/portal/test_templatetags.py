"""Icons and the filters that write numbers."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.template import Context, Template

from folders.clock import clock
from portal.templatetags.figures import (
    as_typed,
    bytes_size,
    counted,
    day_and_time,
    roughly,
    thousands,
)
from portal.templatetags.icons import icon


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (49_300, "49 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (2_149_000, "2.1 MB"),
        (82_000_000, "82 MB"),
        (5_400_000_000_000, "5.4 TB"),
        (5_400_000_000_000_000, "5400 TB"),
    ],
)
def test_bytes_size(value: float | None, text: str) -> None:
    assert bytes_size(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (0, "0:00"), (14.9, "0:14"), (62, "1:02"), (3723, "1:02:03")]
)
def test_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("value", "noun", "text"),
    [
        (0, "unit", "0 units"),
        (1, "unit", "1 unit"),
        (1797, "unit", "1,797 units"),
        (2, "category,categories", "2 categories"),
        (1, "category,categories", "1 category"),
    ],
)
def test_counted(value: int, noun: str, text: str) -> None:
    assert counted(value, noun) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "5 seconds"),
        (21, "20 seconds"),
        (56, "1 minute"),
        (170, "3 minutes"),
        (3400, "1 hour"),
        (7300, "2 hours"),
    ],
)
def test_roughly(seconds: float, text: str) -> None:
    assert roughly(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (42.0, "42"), (42, "42"), (0.5, "0.5"), ("abc", "abc"), (float("inf"), "inf")],
)
def test_as_typed(value: object, text: str) -> None:
    assert as_typed(value) == text


def test_thousands() -> None:
    assert thousands(None) == ""
    assert thousands(1797) == "1,797"


@time_machine.travel("2026-11-22 12:00:00+00:00")
def test_day_and_time__names_the_year_only_when_it_is_another() -> None:
    assert day_and_time(None) == ""
    assert day_and_time(datetime(2026, 11, 2, 9, 5, tzinfo=UTC)) == "2 Nov, 09:05"
    assert day_and_time(datetime(2025, 11, 2, 9, 5, tzinfo=UTC)) == "2 Nov 2025, 09:05"


def test_icon__is_decoration_unless_it_is_labelled() -> None:
    assert 'aria-hidden="true"' in icon("x")
    assert 'class="icon"' in icon("x")

    labelled = icon("film", "icon-l", label='A "video"')

    assert 'role="img"' in labelled
    assert 'class="icon icon-l"' in labelled
    assert "A &quot;video&quot;" in labelled
    assert "aria-hidden" not in labelled


def test_icon__needs_no_load_in_templates() -> None:
    html = Template('{% icon "x" %}').render(Context())

    assert re.search(r'<use href="[^"]*icons-[\w-]+\.svg#x">', html)


def test_icons__of_all_templates_are_in_the_sprite() -> None:
    (sprite,) = Path(settings.VITE_DIST).glob("icons-*.svg")
    known = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite.read_text()))

    used = {
        name
        for template in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for name in re.findall(
            r"(?:{%\s*icon\s+|\bicon=)[\"']([a-z0-9-]+)[\"']", template.read_text()
        )
    }

    assert used
    assert used <= known
