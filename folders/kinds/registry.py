"""The kinds by their names."""

from typing import Protocol

from folders.kinds.base import Kind

_kinds: dict[str, Kind] = {}


class HasKind(Protocol):
    """An item, or whatever else stores the name of a kind."""

    kind: str


def register(kind: Kind) -> Kind:
    """Add a kind, once.

    Raises:
        ValueError: another one has its name, or takes files that a known kind takes.
    """
    if kind.name in _kinds:
        raise ValueError(f"The kind {kind.name!r} is registered already.")
    for known in _kinds.values():
        for prefix in kind.mime_prefixes:
            if any(_overlap(prefix, other) for other in known.mime_prefixes):
                raise ValueError(f"{prefix!r} is taken by the kind {known.name!r}.")
    _kinds[kind.name] = kind
    return kind


def all_kinds() -> list[Kind]:
    """All kinds, in the order of their registration."""
    return list(_kinds.values())


def get_kind(name: str) -> Kind:
    """The kind of a name.

    Raises:
        LookupError: it is not registered.
    """
    if name not in _kinds:
        raise LookupError(f"No kind of items is registered as {name!r}.")
    return _kinds[name]


def kind_of(item: HasKind) -> Kind:
    """The kind of an item."""
    return get_kind(item.kind)


def kind_for_mime(mime: str) -> Kind | None:
    """The kind that files of a sniffed type become; None when nobody takes them."""
    for kind in _kinds.values():
        if mime and mime.startswith(kind.mime_prefixes):
            return kind
    return None


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
