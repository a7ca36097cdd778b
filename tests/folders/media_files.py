"""Generated pictures and videos."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from PIL import Image


def picture(width: int = 40, height: int = 30, *, colour: str = "teal") -> Image.Image:
    """A picture that is red in its upper left quarter and of one colour elsewhere."""
    image = Image.new("RGB", (width, height), colour)
    image.paste("red", (0, 0, width // 2, height // 2))
    return image


def encoded(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def png(width: int = 40, height: int = 30) -> bytes:
    """A PNG file."""
    return encoded(picture(width, height))


def video(folder: Path, *, frames: int = 30, fps: int = 10, codec: str = "libx264") -> bytes:
    """An MP4 of 64 × 48 pixels; frame k is grey of the level 8 k."""
    path = folder / f"video-{frames}-{fps}.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = (
            64,
            48,
            "yuvj420p" if codec == "mjpeg" else "yuv420p",
        )
        if codec == "libx264":
            stream.options = {"g": "12", "crf": "10"}
        for number in range(frames):
            array = np.full((48, 64, 3), min(255, 8 * number), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(array, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()
