"""Files of imports, and imports carried out here."""

import io
import json
from typing import Any

from accounts.actor import Actor
from core.jobs.execution import execute_job
from folders.models import Folder, Import
from folders.services.data_imports import start_import

SITE = "https://pictures.example.org"
IMAGE_MEASURES = {"mimeType": "image/png", "fileSize": 1000, "width": 32, "height": 24}
VIDEO_MEASURES = {
    "mimeType": "video/mp4",
    "fileSize": 90_000,
    "width": 640,
    "height": 480,
    "fps": 10,
    "duration": 3.0,
}


def image(name: str, **parts: Any) -> dict[str, Any]:
    """An image whose measures are given, so that nothing is fetched."""
    return {"objectUrl": f"{SITE}/{name}", "imageMetadata": IMAGE_MEASURES, **parts}


def video(name: str, **parts: Any) -> dict[str, Any]:
    """A video likewise: 3 seconds at 10 frames per second."""
    return {"objectUrl": f"{SITE}/{name}", "videoMetadata": VIDEO_MEASURES, **parts}


def run_import(
    actor: Actor,
    folder: Folder,
    content: Any,
    *,
    kind: str = "registration",
    file_name: str = "data.json",
    dry_run: bool = False,
    **options: Any,
) -> Import:
    """Import a document (or bytes) as a worker would; the row as it ended."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    row = start_import(
        actor=actor,
        folder=folder,
        kind=kind,
        file=io.BytesIO(data),
        file_name=file_name,
        options=options,
        dry_run=dry_run,
    )
    work(row)
    return row


def work(row: Import) -> None:
    """Carry out the import's job as a worker would; the media are not fetched."""
    row.refresh_from_db()
    assert row.job is not None
    execute_job(job_id=row.job.pk, own_connection=False)
    row.refresh_from_db()


def paths(row: Import) -> list[str]:
    """Where the errors of an import stand."""
    return [error["path"] for error in row.errors]
