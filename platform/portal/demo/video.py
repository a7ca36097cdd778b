"""The demo's video: digits that turn into one another."""

import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from portal.demo.digits import Digits, picture

FPS = 10
# One digit a second, of which it stands still for six tenths.
FRAMES_PER_DIGIT = FPS
_STILL = 6


def write(digits: Digits, indices: list[int]) -> bytes:
    """An MP4 of the digits, one a second; digit k stands still at frame k * FRAMES_PER_DIGIT."""
    # A file, not a buffer: moving the index to the front, for quick starts, reads the output again.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.mp4"
        _encode(path, _frames(digits, indices))
        return path.read_bytes()


def _encode(path: Path, frames: list[NDArray[np.float32]]) -> None:
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width = stream.height = picture(frames[0]).width
        stream.pix_fmt = "yuv420p"
        for number, ink in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture(ink)), format="gray")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _frames(digits: Digits, indices: list[int]) -> list[NDArray[np.float32]]:
    """Ink of each frame: every digit still, then blending into the next."""
    frames = []
    following = [*indices[1:], indices[-1]]
    for current, successor in zip(indices, following, strict=True):
        for step in range(FRAMES_PER_DIGIT):
            share = max(0, step - _STILL) / (FRAMES_PER_DIGIT - _STILL)
            blended = (1 - share) * digits.pictures[current] + share * digits.pictures[successor]
            frames.append(blended.astype(np.float32))
    return frames
