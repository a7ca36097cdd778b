"""Runs PostgreSQL as somebody else when we are root, which it refuses to run as.

Another user cannot reach a virtual environment or a data folder below a directory of mode 700
(a home folder, what `mktemp -d` makes). So the server keeps one capability of root, to pass
file permissions (dac_override), and loses all others.
"""

import os
import pwd
import shutil
from pathlib import Path

from stack.errors import StackError

SERVICE_USER = "nobody"


def is_root() -> bool:
    """Tell whether this process runs as root."""
    return os.geteuid() == 0


def unprivileged(command: list[str], *, owner_of: Path) -> list[str]:
    """Return the command as it is, or, for root, wrapped so that the folder's owner runs it."""
    if not is_root():
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError(
            "PostgreSQL refuses to run as root, and `setpriv` (util-linux) is missing. "
            "Start as an ordinary user, or set DATABASE_URL to a running PostgreSQL."
        )
    owner = owner_of.stat()
    # setpriv replaces itself by the program: the process id stays that of the server.
    return [
        setpriv,
        f"--reuid={owner.st_uid}",
        f"--regid={owner.st_gid}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        *command,
    ]


def hand_over(folder: Path) -> None:
    """Make SERVICE_USER the owner of a new, empty folder when we are root."""
    if is_root():
        user = pwd.getpwnam(SERVICE_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
