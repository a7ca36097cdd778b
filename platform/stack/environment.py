"""The environment of a stack, taken on by manage.py before Django reads its settings."""

import os
import sys
from argparse import ArgumentError

from stack.envfile import read_environment
from stack.errors import StackError
from stack.options import parse_data, parse_up
from stack.plan import plan_for


def load_stack_environment(argv: list[str]) -> None:
    """Take on the environment of the data folder that argv, KINDRED_DATA or the default names.

    `up` makes it; every other command reads what the last start of that folder wrote. Variables
    that are set already win; only --data wins over KINDRED_DATA.
    """
    try:
        if argv[:1] == ["up"]:
            plan = plan_for(parse_up(argv[1:]))
            data, variables = plan.folder.path, dict(plan.environment)
        else:
            data = parse_data(argv)
            variables = read_environment(data)
    except StackError as error:
        sys.exit(str(error))
    except ArgumentError as error:
        sys.exit(f"manage.py {argv[0]}: {error}")
    os.environ["KINDRED_DATA"] = str(data)
    for name, value in variables.items():
        os.environ.setdefault(name, value)
