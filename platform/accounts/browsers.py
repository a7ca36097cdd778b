"""Names a browser and its system in the words of people. Pure."""

import re

# The first that matches: Edge and Opera also call themselves Chrome, Chrome also Safari.
_BROWSERS = (
    (r"Edg[A-Za-z]*/(\d+)", "Edge"),
    (r"OPR/(\d+)", "Opera"),
    (r"Firefox/(\d+)", "Firefox"),
    (r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)", "Chrome"),
    (r"Version/(\d+)[^ ]* .*Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def describe_browser(user_agent: str) -> str:
    """ "Firefox 128 on Linux", as far as it can be told."""
    found = ((re.search(pattern, user_agent), name) for pattern, name in _BROWSERS)
    browser = next((f"{name} {match[1]}" for match, name in found if match), "Unknown browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
