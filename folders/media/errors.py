"""What goes wrong with media.

UnreadableMedia   the file's fault: for good
DecodersBusy      nobody's fault: passes
DecoderFailed     our fault
"""


class UnreadableMedia(Exception):
    """The file cannot be read as what it is said to be; the message is for the user."""


class DecodersBusy(TimeoutError):
    """All decoders are at work; try again later."""


class DecoderFailed(Exception):
    """An operation ended with an error that it should have foreseen; the message is a traceback."""
