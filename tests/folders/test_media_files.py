"""Reading of images and videos, hostile ones among them; no database."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from folders.media.errors import UnreadableMedia
from folders.media.image import read_image, thumbnails
from folders.media.sniff import sniff
from folders.media.video import probe_video, read_frame
from tests.folders.media_files import bomb, encoded, picture, png, video

LIMIT = 1_000_000


def read(content: bytes, max_side: int = 1024) -> Image.Image:
    """The decoded image."""
    return read_image(io.BytesIO(content), max_side=max_side, max_pixels=LIMIT).image


@pytest.mark.parametrize(
    ("image_format", "mime"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
    ],
)
def test_image__formats_are_known_by_their_content(image_format: str, mime: str) -> None:
    content = encoded(picture(), image_format)

    read_as = read_image(io.BytesIO(content), max_side=1024, max_pixels=LIMIT)

    assert sniff(content[:512]) == mime
    assert (read_as.mime, read_as.width, read_as.height) == (mime, 40, 30)


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"", ""),
        (b"RIFF\x00", ""),
        (b"\x00" * 600, ""),
        (b"GIF8", "text/plain"),
        (b"<svg/>", "text/plain"),
        (b"<html><script>", "text/plain"),
        ("{“name”: 1}".encode(), "text/plain"),
        ("Größe\n".encode() * 100, "text/plain"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"PK\x03\x04\x14\x00", "application/zip"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heif"),
    ],
)
def test_sniff__anything_else_is_no_media(content: bytes, mime: str) -> None:
    assert sniff(content) == mime
    with pytest.raises(UnreadableMedia):
        read(content)
    with pytest.raises(UnreadableMedia):
        probe_video(io.BytesIO(content), max_pixels=LIMIT)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
def test_image__that_is_cut_off_is_refused(image_format: str, cut: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), image_format)

    with pytest.raises(UnreadableMedia) as caught:
        read(content[: int(len(content) * cut)])

    assert str(caught.value)


def test_image__with_broken_bytes_never_raises_anything_else() -> None:
    rng = np.random.default_rng(2)
    for image_format in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"):
        content = encoded(picture(64, 64), image_format)
        for _ in range(60):
            broken = bytearray(content)
            for place in rng.integers(0, len(broken), 8):
                broken[place] = rng.integers(0, 256)
            with contextlib.suppress(UnreadableMedia):
                read(bytes(broken))


def test_image__bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(UnreadableMedia, match="60,000 × 60,000"):
        read(bomb())


@pytest.mark.parametrize(
    "orientation", [1, 2, 3, 4, 5, 6, 7, 8], ids=lambda number: f"orientation {number}"
)
def test_image__is_turned_upright(orientation: int) -> None:
    # Stored so that a viewer who obeys the tag sees the red quarter in the upper left.
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = picture().transpose(back[orientation]) if orientation > 1 else picture()
    exif = stored.getexif()
    exif[0x0112] = orientation
    content = encoded(stored, "PNG", exif=exif)

    found = read_image(io.BytesIO(content), max_side=1024, max_pixels=LIMIT)

    assert (found.width, found.height) == (40, 30)
    assert found.image.getpixel((5, 5)) == (255, 0, 0)
    assert found.image.getpixel((35, 25)) != (255, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "CMYK", "YCbCr", "I", "F"])
def test_image__modes_become_eight_bits(mode: str) -> None:
    grey = mode in ("I", "F")
    image = picture().convert("L").convert(mode) if grey else picture().convert(mode)
    content = encoded(image, "TIFF")

    found = read(content)

    assert found.mode in ("RGB", "RGBA")
    assert all(thumbnails(found, {"small": 32, "large": 64}).values())


def test_image__sixteen_bits_are_spread_over_eight() -> None:
    values = np.linspace(1000, 3000, 64 * 64).reshape(64, 64).astype(np.uint16)

    found = np.asarray(read(encoded(Image.fromarray(values), "PNG")))

    assert found.min() == 0
    assert found.max() == 255


def test_thumbnails__fit_and_are_never_enlarged() -> None:
    made = thumbnails(picture(3000, 1000), {"small": 256, "large": 1024})
    tiny = thumbnails(picture(8, 6), {"small": 256, "large": 1024})

    sizes = {name: Image.open(io.BytesIO(content)).size for name, content in made.items()}
    assert sizes == {"small": (256, 85), "large": (1024, 341)}
    opened = Image.open(io.BytesIO(tiny["large"]))
    assert (opened.size, opened.format) == ((8, 6), "WEBP")
    # Kept pixel by pixel.
    assert opened.convert("RGB").tobytes() == picture(8, 6).tobytes()


def test_video__frames_are_found_exactly(tmp_path: Path) -> None:
    content = video(tmp_path, frames=25, fps=10)

    probe = probe_video(io.BytesIO(content), max_pixels=LIMIT)

    assert (probe.width, probe.height, probe.fps) == (64, 48, 10)
    assert (probe.frame_count, probe.duration) == (25, 2.5)
    for number in (0, 1, 11, 12, 13, 24):
        image = read_frame(io.BytesIO(content), probe.timestamps[number], max_pixels=LIMIT)
        assert np.asarray(image).mean() == pytest.approx(8 * number, abs=2)


def test_video__nearest_frame_of_two_is_the_earlier(tmp_path: Path) -> None:
    probe = probe_video(io.BytesIO(video(tmp_path, frames=25, fps=10)), max_pixels=LIMIT)

    assert [probe.nearest_frame(t) for t in (0, 0.04, 0.06, 1.26, 9)] == [0, 0, 1, 13, 24]


def test_video__broken_files_never_raise_anything_else(tmp_path: Path) -> None:
    content = video(tmp_path)
    rng = np.random.default_rng(3)
    for share in (0.05, 0.3, 0.6, 0.95):
        with pytest.raises(UnreadableMedia):
            # The index of an MP4 stands at its end.
            probe_video(io.BytesIO(content[: int(len(content) * share)]), max_pixels=LIMIT)
    for _ in range(40):
        broken = bytearray(content)
        for place in rng.integers(0, len(broken), 20):
            broken[place] = rng.integers(0, 256)
        with contextlib.suppress(UnreadableMedia):
            probe = probe_video(io.BytesIO(bytes(broken)), max_pixels=LIMIT)
            read_frame(io.BytesIO(bytes(broken)), probe.timestamps[-1], max_pixels=LIMIT)


def test_video__playlist_is_none() -> None:
    # FFmpeg would open what such a list names.
    for content in (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile a"):
        with pytest.raises(UnreadableMedia, match="is text, not a video"):
            probe_video(io.BytesIO(content), max_pixels=LIMIT)


def test_video__size_is_limited(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="64 × 48"):
        probe_video(io.BytesIO(video(tmp_path)), max_pixels=100)


def test_video__image_is_none() -> None:
    with pytest.raises(UnreadableMedia):
        probe_video(io.BytesIO(png()[:40]), max_pixels=LIMIT)


def test_image__postscript_never_reaches_an_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *args, **_: called.append(args))
    content = encoded(picture(), "EPS")

    with pytest.raises(UnreadableMedia, match="is PostScript, not an image"):
        read(content)

    assert not called
