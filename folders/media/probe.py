"""What is measured of a video; apart from the library that measures it, which is slow to load."""

from dataclasses import dataclass

from folders.media.frame_times import FrameTimes


@dataclass(frozen=True, slots=True)
class VideoProbe(FrameTimes):
    """Measures of a video; width and height as it is shown, rotation applied."""

    width: int
    height: int
    fps: float
    mime: str = ""
