"""Filters that write numbers as people read them."""

from datetime import datetime

from django import template
from django.utils import timezone

from folders.clock import clock

register = template.Library()
register.filter(clock)

_UNITS = ("B", "kB", "MB", "GB", "TB")


@register.filter
def thousands(value: float | None) -> str:
    """1797 as 1,797; nothing for None."""
    return "" if value is None else f"{value:,}"


@register.filter
def as_typed(value: object) -> str:
    """What a field of a form holds: 42.0 as 42, nothing for None, all else as it is."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@register.filter
def bytes_size(value: float | None) -> str:
    """A number of bytes in the unit (powers of 1000) that leaves one to three digits: 2.1 MB."""
    if value is None:
        return ""
    size = float(value)
    unit = 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size /= 1000
        unit += 1
    digits = 1 if unit > 1 and size < 10 else 0
    return f"{size:.{digits}f} {_UNITS[unit]}"


@register.filter
def roughly(seconds: float) -> str:
    """A guessed duration in one round word: 20 seconds, 3 minutes, 2 hours."""
    if seconds < 55:
        return counted(max(5, 5 * round(seconds / 5)), "second")
    if seconds < 55 * 60:
        return counted(max(1, round(seconds / 60)), "minute")
    return counted(max(1, round(seconds / 3600)), "hour")


@register.filter
def counted(value: int, noun: str) -> str:
    """A number with its noun: 1 unit, 1,204 units; "vector set,vector sets" gives both forms."""
    one, _, many = noun.partition(",")
    return f"{value:,} {one if value == 1 else many or one + 's'}"


@register.filter
def day_and_time(moment: datetime | None) -> str:
    """A moment as tables show it: 22 Nov, 11:12; with the year when it is not this one."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localtime().year else f" {local.year}"
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


@register.filter
def significant(value: float | None) -> str:
    """A measured number in three digits that count: 0.386, 12.3, 1,204; nothing for None."""
    if value is None:
        return ""
    number = float(value)
    if abs(number) >= 99.95:
        return f"{number:,.0f}"
    return f"{number:.3g}"
