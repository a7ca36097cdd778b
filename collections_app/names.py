"""Names for collections and presets that come to where theirs may be taken."""

from collections.abc import Container

from folders.constants import MAX_NAME_LENGTH


def free_name(name: str, origin: str, taken: Container[str]) -> str:
    """The name, else with where it comes from, else with a number behind that.

    `taken` are names in lower case.
    """
    number, free = 0, name
    while free.lower() in taken:
        number += 1
        suffix = f" ({origin[:60]})" if number == 1 else f" ({origin[:60]} {number})"
        free = name[: MAX_NAME_LENGTH - len(suffix)] + suffix
    return free
