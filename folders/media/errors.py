"""What goes wrong with media."""


class UnreadableMedia(Exception):
    """The file cannot be read as what it is said to be; the message is for the user."""
