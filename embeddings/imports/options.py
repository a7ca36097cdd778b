"""What a bulk import of vectors is told.

key             name of the embedding key; or {"create": name, "metric": …} for a new one
new_key, metric the same from a form, where `key` is empty
vectors_column, id_column, frame_column
                arrays, fields or columns of the file; looked for under usual names when empty
id_kind         item, name or url; told from the ids when empty
upsert          whether vectors that are there are replaced (as usual) or are errors
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from accounts.actor import Actor
from core.errors import DomainError, FieldError, InvalidInput
from embeddings.bulk import Columns
from embeddings.bulk.ids import IdKind
from embeddings.services.imports import live_embedding_key
from embeddings.values import describe
from folders.choices import Metric
from folders.models import Folder, MetadataKey
from folders.names import key_name_problem
from folders.permissions import edits_schema

_TEXTS = ("new_key", "metric", "vectors_column", "id_column", "frame_column", "id_kind")
_TRUTHS = {"true": True, "on": True, "1": True, "false": False, "off": False, "": False, "0": False}


@dataclass(frozen=True, slots=True)
class VectorOptions:
    """The options of one import, checked."""

    key: str
    create: bool = False
    metric: str = Metric.COSINE.value
    vectors_column: str = ""
    id_column: str = ""
    frame_column: str = ""
    id_kind: str = ""
    upsert: bool = True

    @property
    def columns(self) -> Columns:
        """Where the parts of the file stand."""
        return Columns(self.vectors_column, self.id_column, self.frame_column)

    @property
    def asked_kind(self) -> IdKind | None:
        """What ids are, if that was said."""
        return IdKind(self.id_kind) if self.id_kind else None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "VectorOptions":
        """Options as `clean_options` gave them."""
        names = cls.__dataclass_fields__
        return cls(**{name: value for name, value in stored.items() if name in names})


def clean_options(actor: Actor, folder: Folder, given: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they are stored.

    Raises:
        InvalidInput: naming all that is wrong.
    """
    errors = [
        _wrong(name, "There is no such option.", "unknown")
        for name in given.keys() - {"key", "upsert", *_TEXTS}
    ]
    texts = {name: _text(given, name, errors) for name in _TEXTS}
    key, create, metric = _key(given, texts, errors)
    if texts["id_kind"] and texts["id_kind"] not in set(IdKind):
        errors.append(
            _wrong("id_kind", "Ids are of no such kind.", "choice", ", ".join(IdKind), given)
        )
    if create and metric not in Metric.values:
        expected = ", ".join(Metric.values)
        errors.append(_wrong("metric", "There is no such metric.", "choice", expected, given))
    upsert = _truth(given, errors)
    if not errors:
        errors += _key_errors(actor, key, create=create)
    if errors:
        message = errors[0].message if len(errors) == 1 else ""
        raise InvalidInput(message, errors=errors)
    options = VectorOptions(
        key=key,
        create=create,
        metric=metric or Metric.COSINE.value,
        upsert=upsert,
        vectors_column=texts["vectors_column"],
        id_column=texts["id_column"],
        frame_column=texts["frame_column"],
        id_kind=texts["id_kind"],
    )
    return asdict(options)


def find_key(actor: Actor, options: VectorOptions) -> MetadataKey | None:
    """The key as it is now; None while it is still to be made.

    Raises:
        NotFound: it is gone.
    """
    return None if options.create else live_embedding_key(actor, options.key)


def _key(
    given: Mapping[str, Any], texts: dict[str, str], errors: list[FieldError]
) -> tuple[str, bool, str]:
    """Name of the key, whether it is new, and its metric then."""
    key: Any = given.get("key")
    metric: Any = texts["metric"] or Metric.COSINE.value
    if isinstance(key, dict) and key.keys() <= {"create", "metric"}:
        metric = key.get("metric") or metric
        name = key.get("create")
    elif key in (None, "") and texts["new_key"]:
        name = texts["new_key"]
    else:
        name, metric = key, metric if isinstance(key, str) else ""
        if isinstance(name, str) and name.strip():
            return name.strip(), False, ""
    if not isinstance(name, str) or not name.strip() or not isinstance(metric, str):
        expected = 'a name, or {"create": a name, "metric": …}'
        errors.append(_wrong("key", "Name the embedding key.", "required", expected, given))
        return "", False, ""
    return name.strip(), True, metric


def _key_errors(actor: Actor, name: str, *, create: bool) -> list[FieldError]:
    if not create:
        try:
            live_embedding_key(actor, name)
        except DomainError as error:
            return [FieldError("options.key", error.message, error.code, found=name[:80])]
        return []
    problem = key_name_problem(name, embedding=True)
    if not problem and MetadataKey.objects.visible_to(actor).filter(name=name).exists():
        problem = f"The schema has a key “{name}” already, perhaps a deleted one."
    if not problem and not edits_schema(actor):
        problem = "You may not add keys to the schema."
    return [FieldError("options.key", problem, "key", found=name[:80])] if problem else []


def _text(given: Mapping[str, Any], name: str, errors: list[FieldError]) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value or len(value) > 300:
        errors.append(_wrong(name, "This is no name.", "type", "a text", given))
        return ""
    return value.strip()


def _truth(given: Mapping[str, Any], errors: list[FieldError]) -> bool:
    """Whether vectors are replaced; forms send words."""
    value = given.get("upsert", True)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUTHS:
        return _TRUTHS[value.lower()]
    errors.append(_wrong("upsert", "This is not true or false.", "type", "true or false", given))
    return True


def _wrong(
    name: str, message: str, code: str, expected: str = "", given: Mapping[str, Any] | None = None
) -> FieldError:
    found = describe(given.get(name)) if given is not None else ""
    return FieldError(f"options.{name}", message, code, expected, found)
