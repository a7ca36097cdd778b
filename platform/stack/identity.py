"""Runs PostgreSQL as somebody else when we are root, which it refuses to run as.

Another user cannot reach a virtual environment or a data folder below a directory of mode 700
(a home folder, what `mktemp -d` makes). So the server keeps one capability of root, to pass
file permissions (dac_override), and loses all others. PostgreSQL also asks access(2) whether it may
run its own programs, and there Linux takes a capability from whoever is not root, unless the
secure bit no_setuid_fixup is set.
"""

import os
import pwd
import shutil
import subprocess
from functools import cache
from pathlib import Path

from stack.errors import StackError

SERVICE_USER = "nobody"
_DAC_OVERRIDE = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
# From the most to the least; a container may have taken from root what the first ones need.
_PRIVILEGES = ((*_DAC_OVERRIDE, "--securebits=+no_setuid_fixup"), _DAC_OVERRIDE, ())


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
        *_privileges(setpriv),
        *command,
    ]


def hand_over(folder: Path) -> None:
    """Make SERVICE_USER the owner of a new, empty folder when we are root."""
    if is_root():
        user = pwd.getpwnam(SERVICE_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)


@cache
def _privileges(setpriv: str) -> tuple[str, ...]:
    """Return the options that let a server pass file permissions, as far as root may grant it."""
    for options in _PRIVILEGES[:-1]:
        trial = [setpriv, "--reuid=65534", "--clear-groups", *options, "true"]
        if subprocess.run(trial, capture_output=True, check=False).returncode == 0:  # noqa: S603
            return options
    return _PRIVILEGES[-1]
