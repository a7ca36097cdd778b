"""Collects static files into the data folder when they changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from stack.constants import ROOT
from stack.errors import StackError
from stack.journal import Journal

STAMP = "collected"


def collect_static_files(journal: Journal) -> None:
    """Collect and compress the static files, unless the last start did with the same ones."""
    manifest = ROOT / "frontend" / "dist" / "manifest.json"
    if not manifest.exists():
        raise StackError("The front end is not built. Start with `make run`, which builds it.")
    stamp = Path(settings.STATIC_ROOT) / STAMP
    fingerprint = _fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    journal.say("Collecting static files …")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint)


def _fingerprint() -> str:
    """Return a digest of name, size and time of every static file."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
