"""What tiles say beside their picture, as a person chose it.

The choice is kept in a cookie, as that of the theme: the server draws tiles, and has them right at
once. Names of metadata keys may hold any character, and cookies few.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from django.http import HttpRequest, HttpResponse

from core.errors import FieldError, InvalidInput
from explorer.controls import Control, Section

COOKIE: Final = "kindred_badges"
COOKIE_AGE: Final = 400 * 24 * 3600  # browsers cut cookies to 400 days
# More lines than pictures make no grid.
MAX_KEYS: Final = 3
NAME, VALUE = "name", "value"
_NOTHING = "-"
# Legal in cookies, and never left as it is by quoting.
_BETWEEN = "!"
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Badges:
    """Whether tiles show the name, the distance or what they are sorted by, and which metadata."""

    name: bool = True
    value: bool = True
    keys: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """How many lines stand below the picture."""
        return self.name + len(self.keys)

    def captions(self, metadata: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        """The lines of metadata: names of keys, and values in words; empty where there is none."""
        return tuple((key, _in_words(metadata.get(key))) for key in self.keys)


def badges_of(request: HttpRequest) -> Badges:
    """The person's choice; the usual one where he made none, or the cookie holds something else."""
    text = request.COOKIES.get(COOKIE)
    if text is None or len(text) > _LONGEST:
        return Badges()
    said = [unquote(part) for part in text.split(_BETWEEN)]
    keys = tuple(dict.fromkeys(part[1:] for part in said if part.startswith(".")))
    return Badges(NAME in said, VALUE in said, keys[:MAX_KEYS])


def read_badges(said: Iterable[str]) -> Badges:
    """The choice that a form sends: `name`, `value`, and keys with a point before their names.

    Raises:
        InvalidInput: there are too many keys.
    """
    said = list(said)
    keys = tuple(dict.fromkeys(part[1:] for part in said if part.startswith(".")))
    badges = Badges(NAME in said, VALUE in said, keys)
    if len(keys) > MAX_KEYS or len(_written(badges)) > _LONGEST:
        message = f"Tiles show the values of up to {MAX_KEYS} keys. Untick one first."
        raise InvalidInput(message, errors=[FieldError("badge", message)])
    return badges


def remember_badges(request: HttpRequest, response: HttpResponse, badges: Badges) -> None:
    """Keep the choice in the person's browser."""
    response.set_cookie(
        COOKIE,
        _written(badges),
        max_age=COOKIE_AGE,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )


def badge_keys(controls: Iterable[Control]) -> list[str]:
    """Names of the keys that may be shown: those of metadata."""
    return [c.key.name for c in controls if c.section == Section.METADATA and c.key is not None]


def _written(badges: Badges) -> str:
    chosen = [NAME] if badges.name else []
    chosen += [VALUE] if badges.value else []
    chosen += [f".{key}" for key in badges.keys]
    # Never empty: that would be no choice.
    return _BETWEEN.join(quote(part, safe=".") for part in chosen or [_NOTHING])


def _in_words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)[:200]
