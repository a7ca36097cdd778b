"""Measures of media that entries give, and that are believed."""

from folders.imports.registration.fields import Fields
from folders.services.imports import Measures

MAX_FPS = 10_000
MAX_SECONDS = 1_000_000
# A day at 60 frames per second.
MAX_GIVEN_FRAMES = 24 * 60 * 60 * 60


def image_measures(fields: Fields) -> Measures | None:
    """The measures of an image, where the entry gives them; errors are noted."""
    inner = _measures(fields, "imageMetadata", "image_metadata")
    if inner is None:
        return None
    before = len(inner.errors)
    measures = Measures(
        mime_type=_mime(inner),
        size=inner.size("fileSize", "file_size"),
        width=inner.whole("width"),
        height=inner.whole("height"),
    )
    return measures if len(inner.errors) == before else None


def video_measures(fields: Fields) -> Measures | None:
    """The measures of a video, likewise."""
    inner = _measures(fields, "videoMetadata", "video_metadata")
    if inner is None:
        return None
    before = len(inner.errors)
    measures = Measures(
        mime_type=_mime(inner),
        size=inner.size("fileSize", "file_size"),
        width=inner.whole("width"),
        height=inner.whole("height"),
        fps=inner.positive("fps", most=MAX_FPS),
        duration=inner.positive("duration", most=MAX_SECONDS),
    )
    if len(inner.errors) > before:
        return None
    if (measures.fps or 0) * (measures.duration or 0) > MAX_GIVEN_FRAMES:
        message = f"The video would have more than {MAX_GIVEN_FRAMES:,} frames."
        inner.fail(f"{inner.path}.duration", message, "value", found=measures.duration)
        return None
    return measures


def _mime(inner: Fields) -> str:
    mime = inner.text("mimeType", "mime_type")
    if len(mime) <= 100 and mime.isascii() and mime.isprintable():
        return mime
    inner.fail(f"{inner.path}.mimeType", "This is no MIME type.", "value", "image/png", mime)
    return ""


def _measures(fields: Fields, *names: str) -> Fields | None:
    path, value = fields.get(*names)
    if value is None:
        return None
    if not isinstance(value, dict):
        fields.fail(path, "This is no object.", "type", "an object", value)
        return None
    return Fields(value, path, fields.errors)
