"""The file stack.env of a data folder: the environment of the stack that runs on it.

Lines of KEY=value, quoted as a shell wants them, readable by the owner only (it holds secrets).
"""

import shlex
from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "stack.env"


def read_environment(data: Path) -> dict[str, str]:
    """Return the variables of the data folder's stack, none when it never ran."""
    try:
        lines = (data / FILE_NAME).read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    pairs = (shlex.split(line)[0].partition("=") for line in lines if line.strip())
    return {name: value for name, _equals, value in pairs}


def write_environment(data: Path, variables: Mapping[str, str]) -> None:
    """Replace the data folder's variables in one step."""
    new = data / f"{FILE_NAME}.new"
    new.touch(mode=0o600)
    new.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()))
    new.replace(data / FILE_NAME)
