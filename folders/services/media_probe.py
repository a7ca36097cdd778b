"""Measuring a video in a decoder."""

from typing import IO

from folders.constants import MAX_IMAGE_PIXELS
from folders.media.decoding import decode
from folders.media.probe import VideoProbe


def probe_file(file: IO[bytes]) -> VideoProbe:
    """Measure a video with the times of all its frames.

    Raises:
        UnreadableMedia: it is none, or damaged.
        DecodersBusy: too much else is being decoded.
    """
    values = decode(file, "folders.media.operations:probe", {"max_pixels": MAX_IMAGE_PIXELS}).values
    return VideoProbe(
        timestamps=values["timestamps"],
        duration=values["duration"],
        width=values["width"],
        height=values["height"],
        fps=values["fps"],
        mime=values["mime_type"],
    )
