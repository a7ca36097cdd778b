"""Files of figures whose processes are gone."""

import time
from pathlib import Path

# Prometheus takes a counter that goes down for a restart.
STALE_SECONDS = 7 * 86_400


def drop_stale(folder: Path) -> None:
    """Remove files that nobody has written to for a week."""
    for file in folder.glob("*.db"):
        try:
            if time.time() - file.stat().st_mtime > STALE_SECONDS:
                file.unlink()
        except FileNotFoundError:
            # Another process that starts at the same time was quicker.
            continue
