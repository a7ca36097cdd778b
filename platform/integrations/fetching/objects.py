"""What is asked for and what is known of it; light, for those who fetch nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ObjectRequest:
    """Where an object is asked for, with headers that only the host of the address may see."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """Size in bytes (None: the server does not say), type as the server names it, version."""

    size: int | None
    mime: str
    version: str
