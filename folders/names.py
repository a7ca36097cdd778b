"""Rules for names of folders, items and metadata keys. Knows no Django."""

import unicodedata

from core.errors import FieldError, InvalidInput
from folders.constants import MAX_KEY_NAME_LENGTH, MAX_NAME_LENGTH

# Reserved by the reference product in any spelling: `key-frames`, `key_frames`, `key frames`.
_RESERVED = "keyframes"
_SEPARATORS = "-_ ."
_EMBEDDING_SEPARATORS = "-_"


def clean_name(name: str, *, path: str = "name") -> str:
    """The name without surrounding space, in NFC.

    Raises:
        InvalidInput: it is empty, too long, or holds control characters.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    problem = name_problem(cleaned)
    if problem:
        raise InvalidInput(problem, errors=[FieldError(path, problem, found=cleaned[:80])])
    return cleaned


def name_problem(name: str) -> str:
    """Why the name of a folder or item cannot be used; empty when it can."""
    if not name:
        return "A name is missing."
    if len(name) > MAX_NAME_LENGTH:
        return f"The name has {len(name)} characters; {MAX_NAME_LENGTH} is the limit."
    # What can be printed holds none of these; asking for the whole text is much quicker.
    if not name.isprintable() and any(
        unicodedata.category(letter) in ("Cc", "Cs") for letter in name
    ):
        return "The name holds characters that cannot be shown."
    return ""


def key_name_problem(name: str, *, embedding: bool) -> str:
    """Why the name of a metadata key cannot be used; empty when it can."""
    separators = _EMBEDDING_SEPARATORS if embedding else _SEPARATORS
    if not name:
        return "A name is missing."
    if len(name) > MAX_KEY_NAME_LENGTH:
        return f"The name has {len(name)} characters; {MAX_KEY_NAME_LENGTH} is the limit."
    if name.startswith("$"):
        return "Names that start with $ are reserved."
    if "".join(letter for letter in name if letter not in _SEPARATORS).lower() == _RESERVED:
        return f"The name “{name}” is reserved for the list of key frames."
    wrong = sorted({letter for letter in name if not letter.isalnum() and letter not in separators})
    if wrong:
        allowed = "letters, digits, - and _" if embedding else "letters, digits, space, -, _ and ."
        return f"The name may hold {allowed}, but not {' '.join(map(repr, wrong))}."
    if not any(letter.isalnum() for letter in name):
        return "The name needs a letter or a digit."
    return ""
