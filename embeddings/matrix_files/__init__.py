"""Matrix files: a copy of each vector set's float32 rows on the disk of every host that reads them.

PostgreSQL is the truth: deleting every file loses nothing, and whatever is missing, damaged or
foreign is made again. A file holds a set at some revision; what has changed since is read from
PostgreSQL beside it.
"""

from embeddings.matrix_files.view import MatrixView, has_matrix_file, open_matrix

__all__ = ["MatrixView", "has_matrix_file", "open_matrix"]
