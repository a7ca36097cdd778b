"""The schema as maps by name, in the two forms that the Encord SDK knows. Pure: no database.

v2, whole and exact:

    {"score": {"ty": "variant", "hint": "number"},
     "label": {"ty": "enum", "values": ["owl", "tit"]},
     "place": {"ty": "geospatial"},
     "clip": {"ty": "embedding", "size": 512, "api": null},
     "old": {"ty": "tombstone", "deleted_ty": {"ty": "geospatial"}},
     "never": {"ty": "tombstone", "deleted_ty": null}}

Legacy, with less to say: {"score": "number", "clip": "embedding"}. It knows no tombstones, no
sizes, no values of enums, and one word for varchar and uuid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import FieldError
from folders.choices import KeyType
from folders.constants import OPEN_EMBEDDING_SIZE
from folders.metadata.values import describe

_HINTS = {"string": KeyType.VARCHAR, "long_string": KeyType.TEXT}
_LEGACY_NAMES = {
    KeyType.VARCHAR: "string",
    KeyType.UUID: "string",
    KeyType.TEXT: "long_string",
}
_FROM_LEGACY = {
    "number": KeyType.NUMBER,
    "string": KeyType.VARCHAR,
    "boolean": KeyType.BOOLEAN,
    "datetime": KeyType.DATETIME,
    "geospatial": KeyType.GEOSPATIAL,
    "enum": KeyType.ENUM,
    "embedding": KeyType.EMBEDDING,
    "long_string": KeyType.TEXT,
}
_VARIANT_HINTS = ("number", "boolean", "varchar", "datetime", "text", "uuid")
_TYPES = ("variant", "enum", "geospatial", "embedding", "tombstone")


class Key(Protocol):
    """What the maps take of a key of the schema."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def values(self) -> list[str]: ...
    @property
    def dimensions(self) -> int | None: ...
    @property
    def deleted_at(self) -> Any: ...
    @property
    def erased(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a map says of one key.

    `type` is None for a tombstone that says nothing of what it was; `values` is None where the form
    cannot say them; `dimensions` is None where the size is open or the form cannot say it.
    """

    type: KeyType | None
    values: tuple[str, ...] | None = None
    dimensions: int | None = None
    deleted: bool = False

    @property
    def erased(self) -> bool:
        """Whether the key is to be a tombstone for ever."""
        return self.deleted and self.type is None


def to_v2(keys: Sequence[Key]) -> dict[str, dict[str, Any]]:
    """The whole schema, tombstones included, in the order of its names."""
    return {key.name: _v2_of(key) for key in sorted(keys, key=lambda key: key.name)}


def to_legacy(keys: Sequence[Key]) -> dict[str, str]:
    """The live keys, as the legacy form can say them."""
    live = sorted((key for key in keys if key.deleted_at is None), key=lambda key: key.name)
    return {key.name: legacy_type(key.type) for key in live}


def legacy_type(type_: str) -> str:
    """A type in the words of the legacy form."""
    return _LEGACY_NAMES.get(KeyType(type_), type_)


def from_v2(given: Any, present: Mapping[str, Key]) -> tuple[dict[str, Wanted], list[FieldError]]:
    """What a v2 map wants of each key, and all that is wrong with it.

    Args:
        given: what was sent.
        present: the keys by name, for sizes: what is shown of an open one leaves it open.
    """
    if not isinstance(given, dict):
        return {}, [FieldError("", "A schema is one JSON object.", "type", "an object")]
    wanted: dict[str, Wanted] = {}
    errors: list[FieldError] = []
    for name, type_ in given.items():
        found = _read_v2(type_, name, present.get(name), errors)
        if found is not None:
            wanted[name] = found
    return wanted, errors


def from_legacy(
    given: Any, present: Mapping[str, Key]
) -> tuple[dict[str, Wanted], list[FieldError]]:
    """What a legacy map wants of each key it names, and all that is wrong with it.

    What the form cannot say stays as it is while the type, in its words, is the same.
    """
    if not isinstance(given, dict):
        return {}, [FieldError("", "A schema is one JSON object.", "type", "an object")]
    wanted: dict[str, Wanted] = {}
    errors: list[FieldError] = []
    for name, type_ in given.items():
        if not isinstance(type_, str) or type_ not in _FROM_LEGACY:
            expected = ", ".join(_FROM_LEGACY)
            message = f"“{name}” is of no type that there is."
            errors.append(FieldError(name, message, "choice", expected, describe(type_)))
            continue
        key = present.get(name)
        same = key is not None and legacy_type(key.type) == type_
        kind = KeyType(key.type) if key is not None and same else _FROM_LEGACY[type_]
        wanted[name] = Wanted(kind)
    return wanted, errors


def _v2_of(key: Key) -> dict[str, Any]:
    if key.deleted_at is None:
        return _type_of(key)
    return {"ty": "tombstone", "deleted_ty": None if key.erased else _type_of(key)}


def _type_of(key: Key) -> dict[str, Any]:
    match key.type:
        case KeyType.ENUM:
            return {"ty": "enum", "values": sorted(key.values)}
        case KeyType.GEOSPATIAL:
            return {"ty": "geospatial"}
        case KeyType.EMBEDDING:
            size = key.dimensions or OPEN_EMBEDDING_SIZE
            return {"ty": "embedding", "size": size, "api": None}
    return {"ty": "variant", "hint": str(key.type)}


def _read_v2(type_: Any, path: str, key: Key | None, errors: list[FieldError]) -> Wanted | None:
    ty = type_.get("ty") if isinstance(type_, dict) else None
    if ty == "tombstone":
        before = type_.get("deleted_ty")
        if before is None:
            return Wanted(None, deleted=True)
        if isinstance(before, dict) and before.get("ty") == "tombstone":
            errors.append(FieldError(path, "A tombstone has no tombstone.", "type"))
            return None
        old = _read_v2(before, f"{path}.deleted_ty", key, errors)
        return old and Wanted(old.type, old.values, old.dimensions, deleted=True)
    match ty:
        case "variant":
            return _read_variant(type_.get("hint", "text"), path, errors)
        case "enum":
            return _read_enum(type_.get("values"), path, errors)
        case "geospatial":
            return Wanted(KeyType.GEOSPATIAL)
        case "embedding":
            return _read_embedding(type_, path, key, errors)
        case str() if ty in _VARIANT_HINTS:
            # The plain types of older schemas; variants in all but name.
            return Wanted(KeyType(ty))
    expected = ", ".join(_TYPES)
    message = f"“{path}” is of no type that there is."
    errors.append(FieldError(path, message, "choice", expected, describe(ty or type_)))
    return None


def _read_variant(hint: Any, path: str, errors: list[FieldError]) -> Wanted | None:
    if isinstance(hint, str):
        if hint in _VARIANT_HINTS:
            return Wanted(KeyType(hint))
        if hint in _HINTS:
            return Wanted(_HINTS[hint])
    expected = ", ".join(_VARIANT_HINTS)
    message = "There is no such hint."
    errors.append(FieldError(f"{path}.hint", message, "choice", expected, describe(hint)))
    return None


def _read_enum(values: Any, path: str, errors: list[FieldError]) -> Wanted | None:
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        return Wanted(KeyType.ENUM, values=tuple(values))
    message = "The values of an enum are a list of texts."
    errors.append(FieldError(f"{path}.values", message, "type", "a list of texts"))
    return None


def _read_embedding(
    type_: dict[str, Any], path: str, key: Key | None, errors: list[FieldError]
) -> Wanted | None:
    if type_.get("api") is not None:
        message = "Embeddings are imported; they cannot be asked of another service."
        errors.append(FieldError(f"{path}.api", message, "not_supported", "null", "an object"))
        return None
    size = type_.get("size")
    if type(size) is not int:
        message = "The size of an embedding is a whole number."
        errors.append(FieldError(f"{path}.size", message, "type", "1 to 4096", describe(size)))
        return None
    is_open = key is not None and key.type == KeyType.EMBEDDING and key.dimensions is None
    if is_open and size == OPEN_EMBEDDING_SIZE:
        return Wanted(KeyType.EMBEDDING)
    return Wanted(KeyType.EMBEDDING, dimensions=size)
