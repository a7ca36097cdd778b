"""What decoders are asked to do; each takes an open file and arguments from JSON, and returns
values for JSON and files by name. These functions run in folders.media.decoder only.
"""

import io
from typing import IO, Any

from folders.media.errors import UnreadableMedia
from folders.media.image import image_size, read_image, thumbnails, tiled
from folders.media.probe import VideoProbe
from folders.media.video import probe_video, read_frames

Result = tuple[dict[str, Any], dict[str, bytes]]
Sizes = dict[str, int]


def measure_image(
    file: IO[bytes], *, sizes: Sizes, max_pixels: int, max_pixels_on_demand: int
) -> Result:
    """Measure an image and make its smallest thumbnail; of a big one all of them."""
    width, height = image_size(file, max_pixels=max_pixels)
    smallest = min(sizes, key=lambda name: sizes[name])
    made = sizes if width * height > max_pixels_on_demand else {smallest: sizes[smallest]}
    file.seek(0)
    picture = read_image(file, max_side=max(made.values()), max_pixels=max_pixels)
    values = {"width": picture.width, "height": picture.height, "mime_type": picture.mime}
    return values, thumbnails(picture.image, made)


def measure_images(
    file: IO[bytes], *, lengths: list[int], sizes: Sizes, max_pixels: int, max_pixels_on_demand: int
) -> Result:
    """Measure many small images that lie one after the other in the file, as measure_image does.

    Of an image that cannot be read the reason is told as `refused`; the others go on. Thumbnails
    are named `<place>-<size>`.
    """
    images: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    for place, length in enumerate(lengths):
        content = io.BytesIO(file.read(length))
        try:
            values, made = measure_image(
                content,
                sizes=sizes,
                max_pixels=max_pixels,
                max_pixels_on_demand=max_pixels_on_demand,
            )
        except UnreadableMedia as error:
            images.append({"refused": str(error)})
            continue
        images.append(values)
        files |= {f"{place}-{name}": thumbnail for name, thumbnail in made.items()}
    return {"images": images}, files


def picture_image(
    file: IO[bytes], *, sizes: Sizes, max_pixels: int, moments: list[float]
) -> Result:
    """Make thumbnails of an image, named by their sizes; it has no moments."""
    picture = read_image(file, max_side=max(sizes.values()), max_pixels=max_pixels)
    return {}, thumbnails(picture.image, sizes)


def measure_video(
    file: IO[bytes],
    *,
    sizes: Sizes,
    max_pixels: int,
    max_pixels_on_demand: int,
    timestamps: list[float] | None = None,
) -> Result:
    """Measure a video with the times of all its frames, and make the thumbnails of the first.

    With `timestamps` that are known from an earlier reading the file is not walked through.
    """
    values = _values(probe_video(file, max_pixels=max_pixels, timestamps=timestamps))
    _, files = picture_video(file, sizes=sizes, max_pixels=max_pixels, moments=[0.0])
    return values, {name.removeprefix("0-"): content for name, content in files.items()}


def probe(file: IO[bytes], *, max_pixels: int) -> Result:
    """Measure a video with the times of all its frames."""
    return _values(probe_video(file, max_pixels=max_pixels)), {}


def picture_video(
    file: IO[bytes], *, sizes: Sizes, max_pixels: int, moments: list[float]
) -> Result:
    """Make thumbnails of the frames shown at some moments, named `<place in moments>-<size>`;
    those of moments that cannot be decoded are missing.
    """
    files = {}
    for place, image in read_frames(file, moments, max_pixels=max_pixels).items():
        for name, content in thumbnails(image, sizes).items():
            files[f"{place}-{name}"] = content
    return {}, files


def mosaic(file: IO[bytes], *, lengths: list[int], side: int) -> Result:
    """Put two to four pictures, one after the other in the file, into a square of that side."""
    parts = [
        read_image(io.BytesIO(file.read(length)), max_side=side, max_pixels=side * side).image
        for length in lengths
    ]
    return {}, {"mosaic": thumbnails(tiled(parts, side), {"mosaic": side})["mosaic"]}


def _values(probe: VideoProbe) -> dict[str, Any]:
    return {
        "width": probe.width,
        "height": probe.height,
        "fps": probe.fps,
        "duration": probe.duration,
        "frame_count": probe.frame_count,
        "mime_type": probe.mime,
        "timestamps": list(probe.timestamps),
    }
