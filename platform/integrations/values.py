"""Values of an integration as they are given, checked field by field."""

from collections.abc import Mapping

from core.errors import FieldError, InvalidInput
from integrations.providers.base import Field, ObjectProvider

MAX_LENGTH = 2048


def clean_values(
    kind: type[ObjectProvider], settings: Mapping[str, object], secret: Mapping[str, object]
) -> tuple[dict[str, str], dict[str, str]]:
    """Settings and credentials without spaces around them and without empty ones.

    Whether required credentials are there is the provider's to say: stored ones may stay.

    Raises:
        InvalidInput: naming every value that is missing, unknown, no text or too long.
    """
    errors: list[FieldError] = []
    shown: dict[str, str] = {}
    hidden: dict[str, str] = {}
    fields = {field.name: field for field in kind.fields}
    for name, is_secret in [(name, False) for name in settings] + [(name, True) for name in secret]:
        known = [key for key, field in fields.items() if (field.kind == "secret") == is_secret]
        if name not in known:
            message = "There is no such value here."
            errors.append(FieldError(str(name), message, "unknown", ", ".join(known)))
    for field in kind.fields:
        given = (secret if field.kind == "secret" else settings).get(field.name)
        try:
            text = _text(field, given)
        except ValueError as error:
            errors.append(FieldError(field.name, str(error)))
            continue
        if text:
            (hidden if field.kind == "secret" else shown)[field.name] = text
        elif field.required:
            errors.append(FieldError(field.name, "Fill this in.", "required"))
    if errors:
        raise InvalidInput(errors=errors)
    return shown, hidden


def _text(field: Field, given: object) -> str:
    """The value as it is stored.

    Raises:
        ValueError: it cannot be; the message is for the user.
    """
    if given is None:
        return ""
    if field.kind == "flag":
        if given not in (True, False, "", "1"):
            raise ValueError("Expected true or false.")
        return "1" if given in (True, "1") else ""
    if not isinstance(given, str):
        raise ValueError("Expected a text.")
    text = given.strip()
    if len(text) > MAX_LENGTH:
        raise ValueError(f"This has at most {MAX_LENGTH:,} characters.")
    if not text.isprintable():
        raise ValueError("This holds characters that cannot be printed.")
    if field.kind == "choice" and text not in {"", *(value for value, _ in field.choices)}:
        raise ValueError("Choose one of the values.")
    return "" if text == field.default else text
