"""What a person chose about the look, kept in cookies so that a page is right before it paints."""

from typing import Final

from django.http import HttpRequest

COOKIES: Final = {"theme": "kindred_theme", "nav": "kindred_nav"}
# The empty value follows the system (theme), or the page (navigation).
CHOICES: Final = {
    "theme": frozenset({"", "light", "dark"}),
    "nav": frozenset({"", "labels", "icons"}),
}
THEMES: Final = (
    ("", "Follow the system", "monitor"),
    ("light", "Light", "sun"),
    ("dark", "Dark", "moon"),
)
COOKIE_AGE: Final = 400 * 24 * 3600  # browsers cut cookies to 400 days


def preference(request: HttpRequest, name: str) -> str:
    """The person's choice, or "" when he made none or the cookie holds something else."""
    value = request.COOKIES.get(COOKIES[name], "")
    return value if value in CHOICES[name] else ""
