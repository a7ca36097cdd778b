"""Videos: measuring and pictures of single frames, by PyAV.

A frame's number is its place in the order of presentation, from 0; its timestamp is in seconds
after the start of the stream. Both come from the packets, without decoding.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import IO

import av
from av.codec.context import CodecContext
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from folders.media.errors import UnreadableMedia
from folders.media.probe import VideoProbe
from folders.media.sniff import SNIFF_BYTES, not_media, sniff

# FFmpeg is told the format: left to guess, it would also take playlists, which make it open other
# files and addresses, for videos.
_FORMATS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/ogg": "ogg",
    "video/x-flv": "flv",
    "video/x-ms-asf": "asf",
}

# A program stream has no index, and after a seek its frames get the times of others.
_UNSEEKABLE = ("video/mpeg",)
# A seek to a moment may end behind it, or between two key frames: then one goes further back.
_SECONDS_BACK = (0, 5, 60)


def probe_video(
    file: IO[bytes], *, max_pixels: int, timestamps: list[float] | None = None
) -> VideoProbe:
    """Measure a video: one walk over its packets, and one decoded frame.

    A broken tail is left out. With `timestamps` of an earlier walk there is none.

    Raises:
        UnreadableMedia: it is empty, no video, or its first frame cannot be decoded.
    """
    with _opened(file) as (container, stream):
        _require_size(stream, max_pixels)
        first = next(_frames(container, stream), None)
        if first is None:
            raise UnreadableMedia("The video holds no frame that can be decoded.")
        quarter_turn = first.rotation % 180 != 0
        width, height = first.width, first.height
    mime = _mime(file)
    # Opened anew: not every file can be wound back.
    with _opened(file) as (container, stream):
        timestamps = timestamps or _timestamps(container, stream)
        rate = stream.average_rate or stream.guessed_rate
    step = _step(timestamps, rate)
    return VideoProbe(
        width=height if quarter_turn else width,
        height=width if quarter_turn else height,
        fps=round(float(rate), 6) if rate else round(1 / step, 6),
        duration=round(timestamps[-1] - timestamps[0] + step, 6),
        timestamps=timestamps,
        mime=mime,
    )


def read_frame(file: IO[bytes], timestamp: float, *, max_pixels: int) -> Image.Image:
    """The frame nearest to a timestamp, upright; exactly that of a timestamp of `probe_video`.

    Raises:
        UnreadableMedia: the frame cannot be decoded.
    """
    found = read_frames(file, [timestamp], max_pixels=max_pixels)
    if not found:
        raise UnreadableMedia(f"The frame at {timestamp:.3f} s cannot be decoded.")
    return found[0]


def read_frames(
    file: IO[bytes], timestamps: list[float], *, max_pixels: int
) -> dict[int, Image.Image]:
    """The frames nearest to some timestamps, upright, by their places in the list.

    Those that cannot be decoded are missing.

    Raises:
        UnreadableMedia: the file is no video, or too big.
    """
    found = {}
    is_seekable = _mime(file) not in _UNSEEKABLE
    with _opened(file) as (container, stream):
        _require_size(stream, max_pixels)
        for place, timestamp in enumerate(timestamps if is_seekable else ()):
            frame = _sought(container, stream, _target(stream, timestamp))
            if frame is not None:
                found[place] = _upright(frame)
    # Some formats have no index, or one that leads astray: there the file is read from its start.
    for place, timestamp in enumerate(timestamps):
        if place not in found:
            with _opened(file) as (container, stream):
                frame, _ = _nearest(container, stream, _target(stream, timestamp))
                if frame is not None:
                    found[place] = _upright(frame)
    return found


def _target(stream: VideoStream, timestamp: float) -> int:
    """The moment in the stream's time base."""
    return round(timestamp / _time_base(stream)) + (stream.start_time or 0)


def _sought(container: InputContainer, stream: VideoStream, target: int) -> VideoFrame | None:
    """The frame nearest to the target, by way of a key frame before it; None when seeks fail or
    lead astray.
    """
    for back in _SECONDS_BACK:
        earlier = max(stream.start_time or 0, target - round(back / _time_base(stream)))
        try:
            container.seek(earlier, stream=stream, backward=True)
        except av.FFmpegError:
            return None
        frame, is_sure = _nearest(container, stream, target)
        if is_sure:
            return frame
    return None


def _nearest(
    container: InputContainer, stream: VideoStream, target: int
) -> tuple[VideoFrame | None, bool]:
    """Of the frames from here on the one nearest to the target; and whether none can be nearer:
    they begin with a key frame, at the target or before it.
    """
    before = after = None
    is_whole = None
    for frame in _frames(container, stream):
        is_whole = frame.key_frame if is_whole is None else is_whole
        if frame.pts is None or frame.pts >= target:
            after = frame
            break
        before = frame
    is_sure = before is not None or (after is not None and after.pts in (None, target))
    if before is None or after is None or after.pts is None or before.pts is None:
        nearest = after or before
    else:
        nearest = before if target - before.pts <= after.pts - target else after
    return nearest, is_sure and bool(is_whole)


def _upright(frame: VideoFrame) -> Image.Image:
    # By way of an array: the colours are converted by FFmpeg, and the types are known.
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and its first stream of moving pictures."""
    mime = _mime(file)
    container_format = _FORMATS.get(mime)
    if container_format is None:
        raise UnreadableMedia(
            not_media(mime, wanted="video/") or "The file is no video of a known format."
        )
    file.seek(0)
    try:
        with av.open(file, "r", format=container_format, metadata_errors="ignore") as container:
            streams = [stream for stream in container.streams.video if not _is_cover(stream)]
            if not streams:
                raise UnreadableMedia("The file holds no moving pictures.")
            # Not by frames: there the error of one frame takes others with it.
            streams[0].thread_type = "SLICE"
            yield container, streams[0]
    except (av.FFmpegError, EOFError, ValueError, MemoryError) as error:
        raise UnreadableMedia(f"The video is damaged or of an unknown format: {error}") from error


def _mime(file: IO[bytes]) -> str:
    file.seek(0)
    return sniff(file.read(SNIFF_BYTES))


def _is_cover(stream: VideoStream) -> bool:
    """Whether the stream is one still picture, such as the cover of an album."""
    return bool(stream.disposition & stream.disposition.__class__.attached_pic)


def _require_size(stream: VideoStream, max_pixels: int) -> None:
    # The context is missing when FFmpeg has no decoder, whatever its types say.
    context: CodecContext | None = stream.codec_context
    if context is None:
        raise UnreadableMedia("The video is encoded in a way that is not known.")
    width, height = stream.width, stream.height
    if width * height > max_pixels:
        raise UnreadableMedia(f"The video has {width:,} × {height:,} pixels, more than allowed.")


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decoded frames up to the end or to the first that is beyond repair."""
    failures = 0
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            # The first packets after a seek may refer to frames that were skipped.
            failures += 1
            if failures > 16:
                return


def _timestamps(container: InputContainer, stream: VideoStream) -> list[float]:
    """Seconds of each frame in order of presentation; never empty."""
    base = _time_base(stream)
    start = stream.start_time or 0
    found: list[int] = []
    try:
        for packet in container.demux(stream):
            moment = packet.pts if packet.pts is not None else packet.dts
            if moment is not None and packet.size and not packet.is_discard:
                found.append(moment)
    except av.FFmpegError:
        if not found:
            raise
    if not found:
        raise UnreadableMedia("The video holds no frames.")
    return [float((moment - start) * base) for moment in sorted(set(found))]


def _step(timestamps: list[float], rate: Fraction | None) -> float:
    """Seconds that a frame is usually shown."""
    if len(timestamps) > 1:
        return median(after - before for before, after in pairwise(timestamps))
    return float(1 / rate) if rate else 1.0


def _time_base(stream: VideoStream) -> Fraction:
    return stream.time_base or Fraction(1, av.time_base)
