"""Limits, with their reasons."""

# As in the reference product, so that a dataset moves over unchanged.
MAX_NAME_LENGTH = 300
MAX_METADATA_BYTES = 10 * 1024 * 1024
MAX_VARCHAR_LENGTH = 8192
MAX_ENUM_VALUES = 256
MAX_KEY_NAME_LENGTH = 150
MIN_DIMENSIONS = 1
MAX_DIMENSIONS = 4096

# A path holds one 32-letter segment per level; 50 levels are beyond any tree people make.
MAX_FOLDER_DEPTH = 50

# Two sizes: a tile of the grid at double pixel density, and a preview.
THUMBNAIL_SIZES = {"small": 256, "large": 1024}

# Pillow warns from 89 M pixels on; a picture beyond this would need over 1.5 GB to decode.
MAX_IMAGE_PIXELS = 500_000_000
