"""Matrix files, copies of vectors on this host's disk which searches read; indexes of vectors."""

from config.env import env

# Sets that were not used for longest lose their file when all files together exceed this.
MATRIX_DISK_MB = env.int("KINDRED_MATRIX_DISK_MB", default=20_480)
# A larger set is searched in PostgreSQL: its file would not stay in memory. 0: half the memory.
MATRIX_MEMORY_MB = env.int("KINDRED_MATRIX_MEMORY_MB", default=0)
# Whether searches have files made, in a thread of this process.
MATRIX_BUILD = env.bool("KINDRED_MATRIX_BUILD", default=True)
# Memory that PostgreSQL may use while it builds an index; it builds slowly what needs more.
INDEX_BUILD_MB = env.int("KINDRED_INDEX_BUILD_MB", default=1024)
