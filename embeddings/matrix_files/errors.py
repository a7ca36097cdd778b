"""What can be wrong with matrix files."""


class DamagedFile(Exception):
    """A file is not what was written, or not of this set: it is thrown away and made again."""
