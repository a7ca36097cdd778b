"""Failures of the stack that a person can mend; `manage.py up` prints them without a traceback."""


class StackError(Exception):
    """A start or a server failed; the message says what to do about it."""
