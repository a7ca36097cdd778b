"""How much one file may take of a decoder."""

from typing import Final

# Computing time, on all cores together, and not time by the clock: neither a busy machine nor a
# slow store fails a good file. The walk over a feature film takes some 20 s.
DECODE_SECONDS: Final = 120
# Address space. 500 megapixels take 2 GB, and twice that to shrink when they are transparent.
DECODE_BYTES: Final = 4 * 1024**3
# So much of a file is sent along at once; most pictures are smaller.
FIRST_BYTES: Final = 1024 * 1024
# What a decoder asks for at a time beyond that.
READ_BYTES: Final = 512 * 1024
