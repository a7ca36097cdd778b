"""What goes wrong with objects that lie elsewhere.

OSError
├── ObjectUnavailable     for good: it is not there, access is refused, it is too large
└── ConnectionError
    └── ObjectUnreachable passing: a timeout, a broken connection, a server that is busy

Both are OSErrors, as those of a local file are, so that whoever reads media need not know where it
lies; the second is a ConnectionError, which makes a job try again. `str(error)` is for the user and
names neither resolved addresses nor credentials.
"""

from enum import StrEnum


class Stage(StrEnum):
    """How far the way to an object went; the order is that of the steps."""

    LOCATION = "location"
    NAME = "name"
    NETWORK = "network"
    CONNECTION = "connection"
    TLS = "tls"
    AUTHENTICATION = "authentication"
    READING = "reading"


class ObjectUnavailable(OSError):
    """The object cannot be had, and trying again will not help."""

    def __init__(self, reason: str, *, stage: Stage = Stage.READING) -> None:
        super().__init__(reason)
        self.stage = stage


class ObjectUnreachable(ConnectionError):
    """The object cannot be had just now; trying again may help."""

    def __init__(self, reason: str, *, stage: Stage = Stage.READING) -> None:
        super().__init__(reason)
        self.stage = stage
