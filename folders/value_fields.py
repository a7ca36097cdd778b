"""Values of metadata as fields of a form, each typed by its key.

A field is `value-<key>`; in forms for many items `do-<key>` says whether the value is set, cleared
or left alone. Values are kept as they were written: a moment that nobody has touched stays in its
own notation, and what the schema does not know is edited as JSON.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.actor import Actor
from core.errors import DomainError, FieldError, InvalidInput
from folders.choices import KeyType
from folders.models import MetadataKey

LEAVE, SET, CLEAR = "leave", "set", "clear"
# What a browser's field for moments holds, and what of ours it can show without a loss.
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d)?)Z")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
JSON_TYPE = "json"


@dataclass(slots=True)
class Field:
    """One key of a form.

    Attributes:
        name: the key.
        type: of KeyType, or "json" for a key that the schema does not know.
        options: values of an enum.
        text: what the field shows; empty for no value.
        do: leave, set or clear, in forms for many items.
        error: what is wrong with what was sent.
        is_moment: the value fits a browser's field for moments, in UTC.
    """

    name: str
    type: str
    options: list[str] = field(default_factory=list)
    text: str = ""
    do: str = LEAVE
    error: str = ""
    is_moment: bool = False

    def take(self, error: DomainError | None) -> None:
        """Take what is wrong with this key out of an error."""
        for wrong in error.errors if error else ():
            if wrong.path.rpartition(".")[2] == self.name or wrong.path.endswith(f".{self.name}"):
                expected = f" Expected: {wrong.expected}." if wrong.expected else ""
                self.error = f"{wrong.message}{expected}"


def editable_fields(actor: Actor, stored: Mapping[str, Any] | None = None) -> list[Field]:
    """Fields of all live keys but embeddings, and of other keys that hold something, by name."""
    values = stored or {}
    keys = MetadataKey.objects.visible_to(actor).live().exclude(type=KeyType.EMBEDDING)
    known = {key.name: key for key in keys}
    fields = []
    for name in sorted({*known, *values}):
        key = known.get(name)
        made = Field(name, key.type, list(key.values)) if key else Field(name, JSON_TYPE)
        made.text, made.is_moment = _shown(made.type, values.get(name))
        fields.append(made)
    return fields


def read_fields(
    fields: list[Field], sent: Mapping[str, str], *, only_marked: bool = False
) -> dict[str, Any]:
    """The values that a form changes, null for those that it clears.

    Args:
        fields: of the form, as they were shown; they take over what was sent.
        sent: names and values of the form.
        only_marked: of forms for many items: each key says whether it is meant.

    Raises:
        InvalidInput: naming each value that cannot be read, by the path `metadata.<key>`.
    """
    changed: dict[str, Any] = {}
    errors: list[FieldError] = []
    for one in fields:
        given = sent.get(f"value-{one.name}")
        one.do = sent.get(f"do-{one.name}", LEAVE)
        if given is None or (only_marked and one.do == LEAVE):
            continue
        given = given.replace("\r\n", "\n")
        if not only_marked and given == one.text:
            continue
        was_moment, one.text = one.is_moment, given
        if one.do == CLEAR or (not only_marked and not given.strip()):
            changed[one.name] = None
            continue
        try:
            changed[one.name] = _value(one, given, moment=was_moment)
        except ValueError as error:
            errors.append(FieldError(f"metadata.{one.name}", str(error), "value", found=given[:80]))
    if errors:
        raise InvalidInput(errors=errors)
    return changed


def _shown(kind: str, value: Any) -> tuple[str, bool]:
    """The text of a field, and whether it is a moment as browsers know it."""
    if value is None:
        return "", kind == KeyType.DATETIME
    if kind == KeyType.DATETIME and isinstance(value, str):
        found = _MOMENT.fullmatch(value)
        return (f"{found[1]}T{found[2]}", True) if found else (value, False)
    if isinstance(value, str) and kind not in (JSON_TYPE, KeyType.GEOSPATIAL):
        return value, False
    return json.dumps(value, ensure_ascii=False), False


def _value(one: Field, given: str, *, moment: bool) -> Any:
    """The value that a text stands for; whether the key takes it is for others to say.

    Raises:
        ValueError: it stands for none.
    """
    match one.type:
        case KeyType.NUMBER:
            return _number(given.strip())
        case KeyType.BOOLEAN:
            if given not in ("true", "false"):
                raise ValueError("Choose yes or no.")
            return given == "true"
        case KeyType.DATETIME:
            text = given.strip()
            return f"{text}Z" if moment and _LOCAL.fullmatch(text) else text
        case KeyType.GEOSPATIAL | "json":
            try:
                return json.loads(given)
            except (ValueError, RecursionError) as error:
                raise ValueError("This is no JSON. Texts stand in double quotes.") from error
        case KeyType.UUID:
            return given.strip()
        case _:
            return given


def _number(text: str) -> float | int:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError("This is no number.") from None
