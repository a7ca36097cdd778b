"""Names and limits of the stack."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_PORT = 8000
DEFAULT_WORKERS = 2
WEB_PROCESSES = 2
# In the environment of every process that the supervisor starts: the data folder it belongs to.
STACK_MARK = "KINDRED_STACK"
# A start needs room for a database, its log of changes and the collected static files.
DISK_BYTES_NEEDED = 200 * 1024**2
