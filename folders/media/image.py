"""Images: measuring and thumbnails, by Pillow."""

import contextlib
import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import IO, Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from folders.media.errors import UnreadableMedia
from folders.media.sniff import SNIFF_BYTES, not_media, sniff

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
_WIDE: Final = {"I;16", "I;16L", "I;16B", "I;16N", "I", "F"}
# Stored types by the names of Pillow's formats; MPO is JPEG with further pictures behind it.
_MIME: Final = {**Image.MIME, "MPO": "image/jpeg", "DIB": "image/bmp"}
_UNKNOWN: Final = "The file is no image of a known format, or it is damaged."
_ORIENTATION: Final = 0x0112
_QUARTER_TURNS: Final = (5, 6, 7, 8)
# An image is first reduced by whole factors, quickly, to no less than so many times the size that
# is wanted, and only then resampled well.
_REDUCING_GAP: Final = 3
_REDUCIBLE: Final = {"L", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image: upright, sRGB, 8 bits, RGB or RGBA, perhaps smaller than the original.

    Of animations and files of several pages it is the first. Width and height are those of the
    upright original.
    """

    image: Image.Image
    width: int
    height: int
    mime: str = ""


def image_size(file: IO[bytes], *, max_pixels: int) -> tuple[int, int]:
    """Width and height from the header, before any rotation; nothing is decoded.

    Raises:
        UnreadableMedia: it is empty, no image, or has more pixels than allowed.
    """
    with _decoding():
        return _open(file, max_pixels).size


def read_image(file: IO[bytes], *, max_side: int, max_pixels: int) -> Picture:
    """Decode an image, as small as can be had cheaply, but not below `max_side`.

    Raises:
        UnreadableMedia: it is empty, no image, damaged, or has more pixels than allowed.
    """
    with _decoding():
        image = _open(file, max_pixels)
        width, height = image.size
        mime = _MIME.get(image.format or "", "")
        # JPEG can be decoded at a half, a quarter or an eighth of its size, much quicker.
        if image.format in ("JPEG", "MPO"):
            image.draft(None, (max_side, max_side))
        image.load()
        # After loading: in some formats the tag stands behind the pixels, in others (TIFF) the
        # decoder itself obeys it and removes it.
        if image.getexif().get(_ORIENTATION, 1) in _QUARTER_TURNS:
            width, height = height, width
        profile = image.info.get("icc_profile")
        smaller = _in_srgb(_reduced(image, max_side), profile)
        return Picture(_upright(smaller, image), width, height, mime)


def thumbnails(image: Image.Image, sizes: dict[str, int]) -> dict[str, bytes]:
    """WebP files by name of size, each within a square of that side; never enlarged."""
    if max(image.size) <= min(_LOSSLESS_SIDE, *sizes.values()):
        return dict.fromkeys(sizes, _as_webp(image, lossless=True))
    made = {}
    smaller = image
    for name, side in sorted(sizes.items(), key=lambda size: -size[1]):
        smaller = smaller.copy()
        smaller.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=_REDUCING_GAP)
        made[name] = _as_webp(smaller, lossless=False)
    return made


def tiled(images: list[Image.Image], side: int) -> Image.Image:
    """Up to four pictures, each cut to fill its place, in a square of that side: two as columns,
    three and four as a grid. Gaps show through.
    """
    canvas = Image.new("RGBA", (side, side))
    gap = max(2, side // 64)
    half = (side - gap) // 2
    size = (half, side) if len(images) == 2 else (half, half)
    for place, image in enumerate(images[:4]):
        corner = (place % 2 * (half + gap), place // 2 * (half + gap))
        canvas.paste(ImageOps.fit(image.convert("RGBA"), size, Image.Resampling.BICUBIC), corner)
    return canvas


def _as_webp(image: Image.Image, *, lossless: bool) -> bytes:
    quality = _LOSSLESS_EFFORT if lossless else _QUALITY
    method = _LOSSLESS_METHOD if lossless else _METHOD
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=method, lossless=lossless)
    return buffer.getvalue()


def _open(file: IO[bytes], max_pixels: int) -> Image.Image:
    try:
        image = Image.open(file, formats=_FORMATS)
    except UnidentifiedImageError:
        file.seek(0)
        kind = not_media(sniff(file.read(SNIFF_BYTES)), wanted="image/")
        raise UnreadableMedia(kind or _UNKNOWN) from None
    width, height = image.size
    if width * height > max_pixels:
        raise UnreadableMedia(
            f"The image has {width:,} × {height:,} pixels; {max_pixels:,} is the limit."
        )
    return image


def _reduced(image: Image.Image, max_side: int) -> Image.Image:
    """A big image made smaller before it is converted: conversion may double its memory."""
    factor = max(image.size) // (_REDUCING_GAP * max_side)
    # Of palettes no mean can be taken.
    return image.reduce(factor) if factor > 1 and image.mode in _REDUCIBLE else image


def _upright(image: Image.Image, original: Image.Image) -> Image.Image:
    """Turned as the original's EXIF tag says."""
    method = _TURNS.get(original.getexif().get(_ORIENTATION, 1))
    return image if method is None else image.transpose(method)


_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """As RGB or RGBA, by the colour profile where there is one that fits."""
    if profile and image.mode in ("L", "RGB", "RGBA", "CMYK", "LAB"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            return _converted(image, profile)
    return _as_rgb(image)


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    # The profile that nearly every camera and program writes changes nothing.
    if image.mode != "CMYK" and "sRGB" in ImageCms.getProfileDescription(source):
        return _as_rgb(image)
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    opaque = image.convert("RGB") if alpha else image
    found = ImageCms.profileToProfile(opaque, source, _srgb(), outputMode="RGB")
    if found is None:
        return _as_rgb(image)
    if alpha:
        found.putalpha(alpha)
    return found


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "RGBA"):
        # A colour may stand for transparency.
        return image.convert("RGBA") if "transparency" in image.info else image
    if image.mode in _WIDE:
        return _stretched(image).convert("RGB")
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """A picture of more than 8 bits, its range of values spread over 0 to 255.

    Values that are no numbers, as rasters of floats hold them for “nothing here”, become black.
    """
    wide = np.asarray(image, dtype=np.float32)
    finite = np.isfinite(wide)
    if not finite.any():
        return Image.new("L", image.size)
    low, high = float(wide[finite].min()), float(wide[finite].max())
    scale = 255.0 / (high - low) if high > low else 0.0
    spread = np.where(finite, (wide - low) * scale, 0.0)
    return Image.fromarray(np.clip(spread, 0, 255).astype(np.uint8))


@contextmanager
def _decoding() -> Iterator[None]:
    """Turns whatever a decoder raises into a sentence for the user."""
    try:
        yield
    except MemoryError:
        raise UnreadableMedia("The image takes more memory than there is.") from None
    except _DECODER_ERRORS as error:
        raise UnreadableMedia(f"The image is damaged or cut off: {error}") from error
