"""The words of the tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.matrix.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAFE = ("GET",)
# What the Encord SDK calls.
SDK = "/v2/public/"


class Level(IntEnum):
    """What somebody is to the folder Birds and its organisation; each may do what is above it."""

    ANYBODY = 0
    MEMBER = 1
    VIEWER = 2
    EDITOR = 3
    FOLDER_ADMIN = 4
    ADMIN = 5


class Who(Enum):
    """Everybody who asks."""

    ANONYMOUS = "anonymous"
    OTHER_ORG = "other_org"
    MEMBER = "member"
    VIEWER = "viewer"
    EDITOR = "editor"
    FOLDER_ADMIN = "folder_admin"
    ADMIN = "admin"
    READ_TOKEN = "read_token"
    REVOKED_TOKEN = "revoked_token"

    @property
    def level(self) -> Level:
        """The person's level; a token has that of the administrator who made it."""
        if self is Who.READ_TOKEN:
            return Level.ADMIN
        return Level[self.name] if self.name in Level.__members__ else Level.ANYBODY


Data = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One thing that may be done at an address.

    Attributes:
        method: of HTTP.
        least: the weakest level that may.
        seen: the weakest level that may know that the thing exists, where the address names one.
        named: what is sent names things of Birds, of which others know nothing.
        reads: whatever the method, nothing is written.
        owner: the only one who may and may know, for things of one person; wins over `least`.
        body: what is sent: values, or a function of the world that gives them.
        form: sent as a form (multipart when it holds a file) instead of JSON.
        query: the part of the address behind the question mark, likewise.
        ok: the statuses of a success.
        headers: of the request.
    """

    method: str
    least: Level = Level.VIEWER
    seen: Level = Level.VIEWER
    named: bool = False
    reads: bool = False
    owner: Who | None = None
    body: Data | Callable[["World"], Data] = field(default_factory=dict)
    form: bool = False
    query: Data | Callable[["World"], Data] = field(default_factory=dict)
    ok: tuple[int, ...] = (200, 201, 202, 204, 302, 303)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One address; see the package's docstring."""

    calls: list[Call]
    args: dict[str, str] = field(default_factory=dict)
    # Parts of the address that are no ids, e.g. the size of a thumbnail.
    fixed: dict[str, Any] = field(default_factory=dict)
    tokens: bool | None = None


Table = dict[str, Route]
