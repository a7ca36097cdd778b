"""Checks that several services of the app share."""

from core.errors import FieldError, InvalidInput

NAME_LENGTH = 150
TEXT_LENGTH = 2000


def clean_name(name: str, path: str = "name") -> str:
    """The name without spaces around it.

    Raises:
        InvalidInput: it is empty, too long, or holds a NUL character, which PostgreSQL refuses.
    """
    name = name.strip()
    if not name:
        raise InvalidInput(errors=[FieldError(path, "Give a name.", code="required")])
    if len(name) > NAME_LENGTH:
        message = f"A name has at most {NAME_LENGTH} characters; this one has {len(name)}."
        raise InvalidInput(errors=[FieldError(path, message, code="max_length")])
    if "\x00" in name:
        raise InvalidInput(errors=[FieldError(path, "A name cannot hold a NUL character.")])
    return name


def clean_text(text: str, path: str) -> str:
    """A longer text without spaces around it; may be empty.

    Raises:
        InvalidInput: it is too long, or holds a NUL character, which PostgreSQL refuses.
    """
    text = text.strip()
    if len(text) > TEXT_LENGTH:
        message = f"At most {TEXT_LENGTH:,} characters are kept; these are {len(text):,}."
        raise InvalidInput(errors=[FieldError(path, message, code="max_length")])
    if "\x00" in text:
        raise InvalidInput(errors=[FieldError(path, "A text cannot hold a NUL character.")])
    return text
