#!/usr/bin/env python
"""Django's command line. `manage.py up` starts the whole platform."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Put platform/ on the path, take on the running stack's environment, run the command."""
    # A plain folder of packages: a package named platform would hide Python's own module.
    sys.path.insert(1, str(ROOT / "platform"))
    from stack.environment import load_stack_environment

    load_stack_environment(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
