"""The environment of a running stack, for commands that work beside it."""


def load_stack_environment(argv: list[str]) -> None:
    """Take on DATABASE_URL and the rest from the data folder that argv or KINDRED_DATA names."""
