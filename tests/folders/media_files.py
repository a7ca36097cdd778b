"""Generated pictures and videos."""

import io
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
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


def video(
    folder: Path,
    *,
    frames: int = 30,
    fps: int = 10,
    codec: str = "libx264",
    suffix: str = "mp4",
    times: list[int] | None = None,
    rotation: int = 0,
    audio: bool = False,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
) -> bytes:
    """A video of 64 × 48 pixels; frame k is grey of the level 8 k.

    Args:
        folder: where the file is written.
        frames: how many.
        fps: frames a second, when `times` says nothing else.
        codec: FFmpeg's name of the encoder.
        suffix: of the file; tells the container.
        times: when each frame is shown, in hundredths of a second.
        rotation: degrees counter-clockwise by which players turn it.
        audio: whether there is a silent sound track.
        options: of the encoder.
        container_options: of the muxer.
    """
    path = folder / f"video.{suffix}"
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.options = {**(options or _ENCODERS.get(codec, {}))}
        if times:
            stream.codec_context.time_base = Fraction(1, 100)
        if rotation:
            stream.set_display_rotation(rotation)
        sound = _add_silence(container) if audio else []
        for number in range(frames):
            array = np.full((48, 64, 3), min(255, 8 * number), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(array, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            if times:
                frame.pts, frame.time_base = times[number], Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        for packet in sound:
            container.mux(packet)
    return path.read_bytes()


_ENCODERS = {
    "libx264": {"g": "12", "crf": "10"},
    "libx265": {"x265-params": "log-level=none:keyint=12:crf=10"},
    "libsvtav1": {"preset": "12", "crf": "20", "g": "12"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "g": "12"},
}


def _add_silence(container: OutputContainer) -> "list[av.Packet[Any]]":
    """A sound track of one second; its packets, to be written."""
    stream = container.add_stream("aac", rate=8000)
    assert isinstance(stream, AudioStream)
    packets = []
    for start in range(0, 8000, 1000):
        silence = np.zeros((1, 1000), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 8000, start
        packets += stream.encode(frame)
    return [*packets, *stream.encode()]


def audio_only(folder: Path) -> bytes:
    """An MP4 that holds sound and nothing else."""
    path = folder / "sound.mp4"
    with av.open(str(path), "w") as container:
        for packet in _add_silence(container):
            container.mux(packet)
    return path.read_bytes()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few bytes that claims a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")


def animated(image_format: str) -> bytes:
    """A file of three pictures, the first of them red."""
    first, *others = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    return encoded(first, image_format, save_all=True, append_images=others)
