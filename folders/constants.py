"""Limits, with their reasons."""

# As in the reference product, so that a dataset moves over unchanged.
MAX_NAME_LENGTH = 300
MAX_METADATA_BYTES = 10 * 1024 * 1024
MAX_VARCHAR_LENGTH = 8192
# Of a folder, which is read whole with every list of folders.
MAX_FOLDER_JSON_BYTES = 64 * 1024
MAX_ENUM_VALUES = 256
# Longer texts do not fit an entry of the index of values, in whatever letters.
MAX_ENUM_VALUE_LENGTH = 256
MAX_KEY_NAME_LENGTH = 150
MIN_DIMENSIONS = 1
MAX_DIMENSIONS = 4096
# What the SDK's view of the schema shows as the size of an embedding key whose first vector is
# still to come: it has to show a number. A save that sends it back leaves the size open.
OPEN_EMBEDDING_SIZE = 512

# A path holds one 32-letter segment per level; 50 levels are beyond any tree people make.
MAX_FOLDER_DEPTH = 50

# Two sizes: a tile of the grid at double pixel density, and a preview.
THUMBNAIL_SIZES = {"small": 256, "large": 1024}

# A large thumbnail takes ten times the work of a small one, and few are ever looked at: that of an
# ordinary picture is made when it is first asked for. Beyond this size the worker makes it at once,
# so that no web process has to decode so much.
MAX_PIXELS_ON_DEMAND = 16_000_000

# Pillow warns from 89 M pixels on; a picture beyond this would need over 1.5 GB to decode.
MAX_IMAGE_PIXELS = 500_000_000

# Rows that one statement of bulk work touches: large enough to be quick, small enough that a
# parameter list and a lock stay harmless.
BATCH_SIZE = 1000

# A file that brings its worker down is given up after as many tries.
MAX_READ_ATTEMPTS = 3
MAX_FAILURE_LENGTH = 2000

# Units that one video may have: an hour at 30 frames a second, each frame of it.
MAX_FRAMES = 108_000

# Errors of one batch that are reported; more help nobody, and the answer must stay small.
MAX_REPORTED_ERRORS = 500
