"""Limits of the embeddings app, with their reasons."""

# A row of 2,025 dimensions stored PLAIN is refused as too big for a page of 8 kB; up to here PLAIN
# keeps vectors out of TOAST, which makes exact scans 4 to 5 times faster.
MAX_PLAIN_DIMENSIONS = 2000

# Between these lengths no product or sum of pgvector's float32 arithmetic can overflow, nor lose a
# digit that counts. Vectors outside are always compared in float64 (the partial index
# embeddings_vector_extreme finds them); the migration repeats the numbers.
SMALLEST_PLAIN_NORM = 1e-12
LARGEST_PLAIN_NORM = 1e12

# How much of an import is held in memory at once while it is streamed to PostgreSQL.
COPY_CHUNK_BYTES = 4 * 1024 * 1024

# Errors that one answer names; a file with a million wrong rows has one cause.
MAX_REPORTED_ERRORS = 50

DEFAULT_SEARCH_LIMIT = 50
MAX_SEARCH_LIMIT = 1000

# Bars of the histogram under the distance slider.
HISTOGRAM_BINS = 48

# One request of the REST import; larger sets come as several requests or as a file.
MAX_VECTORS_PER_REQUEST = 10_000

# pgvector's HNSW takes so many dimensions in half precision, and no more.
MAX_INDEXED_DIMENSIONS = 4000

# Share of the 50 nearest units that an index finds before it is chosen without being asked for.
GOOD_RECALL = 0.99
