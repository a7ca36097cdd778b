"""Images: measuring and thumbnails, by Pillow."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from folders.media.errors import UnreadableMedia

# Pillow's own limit warns at one size and fails at twice that; ours, checked before anything is
# decoded, says one thing.
Image.MAX_IMAGE_PIXELS = None

# Above this quality WebP files grow quickly without a visible gain; method 2 saves a third of the
# time of the default 4 for files that are 3 % larger. For lossless files, quality means effort.
_QUALITY: Final = 80
_METHOD: Final = 2
_LOSSLESS_EFFORT: Final = 0
_LOSSLESS_METHOD: Final = 1
# Pictures up to this side are kept pixel by pixel: they get enlarged, and every fault would show.
_LOSSLESS_SIDE: Final = 256
# What is opened at all. Pillow knows more: EPS, which it hands to Ghostscript, a program that runs
# whatever stands in the file; and containers that open such files within themselves.
_WANTED: Final = (
    *("AVIF", "BMP", "DIB", "GIF", "HEIF", "JPEG", "JPEG2000", "MPO", "PCX", "PNG", "PPM", "PSD"),
    *("QOI", "SGI", "TGA", "TIFF", "WEBP"),
)
Image.init()
_FORMATS: Final[list[str]] = [name for name in _WANTED if name in Image.OPEN]
# What decoders raise for files that are cut off, damaged or forged.
_DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
_NOT_RGB: Final = {"I;16", "I;16L", "I;16B", "I;16N", "I", "F"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image: upright, 8 bits, RGB or RGBA, perhaps smaller than the original.

    Width and height are those of the upright original.
    """

    image: Image.Image
    width: int
    height: int
    mime: str = ""


def read_image(file: IO[bytes], *, max_side: int, max_pixels: int) -> Picture:
    """Decode an image, as small as its format can at once, but not below `max_side`.

    Raises:
        UnreadableMedia: it is empty, no image, damaged, or has more pixels than allowed.
    """
    with _decoding():
        image = Image.open(file, formats=_FORMATS)
        width, height = image.size
        if width * height > max_pixels:
            raise UnreadableMedia(
                f"The image has {width:,} × {height:,} pixels; {max_pixels:,} is the limit."
            )
        mime = Image.MIME.get(image.format or "", "")
        # JPEG can be decoded at a half, a quarter or an eighth of its size, much quicker.
        if image.format == "JPEG":
            image.draft(None, (max_side, max_side))
        image.load()
        upright = ImageOps.exif_transpose(image)
        if (upright.width > upright.height) != (image.width > image.height):
            width, height = height, width
        return Picture(_as_rgb(upright), width, height, mime)


def thumbnails(image: Image.Image, sizes: dict[str, int]) -> dict[str, bytes]:
    """WebP files by name of size, each within a square of that side; never enlarged."""
    if max(image.size) <= min(_LOSSLESS_SIDE, *sizes.values()):
        return dict.fromkeys(sizes, _as_webp(image, lossless=True))
    made = {}
    smaller = image
    for name, side in sorted(sizes.items(), key=lambda size: -size[1]):
        smaller = smaller.copy()
        smaller.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
        made[name] = _as_webp(smaller, lossless=False)
    return made


def _as_webp(image: Image.Image, *, lossless: bool) -> bytes:
    quality = _LOSSLESS_EFFORT if lossless else _QUALITY
    method = _LOSSLESS_METHOD if lossless else _METHOD
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=method, lossless=lossless)
    return buffer.getvalue()


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "RGBA"):
        return image
    if image.mode in _NOT_RGB:
        return _stretched(image).convert("RGB")
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """A picture of more than 8 bits, its range of values spread over 0 to 255."""
    wide = image.convert("F")
    low, high = (float(end) for end in wide.getextrema())  # type: ignore[arg-type]
    scale = 255.0 / (high - low) if high > low else 0.0
    return wide.point(lambda value: value * scale - low * scale).convert("L")


@contextmanager
def _decoding() -> Iterator[None]:
    """Turns whatever a decoder raises into a sentence for the user."""
    try:
        yield
    except UnidentifiedImageError:
        raise UnreadableMedia("The file is no image of a known format, or it is damaged.") from None
    except MemoryError:
        raise UnreadableMedia("The image takes more memory than there is.") from None
    except _DECODER_ERRORS as error:
        raise UnreadableMedia(f"The image is damaged or cut off: {error}") from error
