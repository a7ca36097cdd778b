"""What cameras, scanners and programs write: each kind of picture and of video is read rightly."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from folders.media.errors import UnreadableMedia
from folders.media.image import Picture, read_image
from folders.media.operations import measure_image
from folders.media.probe import VideoProbe
from folders.media.sniff import sniff
from folders.media.video import probe_video, read_frame, read_frames
from tests.folders.media_files import animated, audio_only, bomb, encoded, picture, video

LIMIT = 50_000_000
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def read(content: bytes, max_side: int = 1024) -> Picture:
    """The decoded image."""
    return read_image(io.BytesIO(content), max_side=max_side, max_pixels=LIMIT)


def probe(content: bytes) -> VideoProbe:
    """The measures of a video."""
    return probe_video(io.BytesIO(content), max_pixels=LIMIT)


def level(content: bytes, timestamp: float) -> float:
    """How bright a frame is on the whole."""
    image = read_frame(io.BytesIO(content), timestamp, max_pixels=LIMIT)
    return float(np.asarray(image).mean())


@pytest.mark.parametrize("image_format", ["JPEG", "TIFF", "WEBP", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation__is_obeyed_in_every_format(image_format: str, orientation: int) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = picture(80, 40)
    stored = upright.transpose(back[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(stored, image_format, exif=exif)

    found = read(content)

    assert (found.width, found.height, found.image.size) == (80, 40, (80, 40))
    red, _, blue = found.image.getpixel((10, 10))  # type: ignore[misc]
    assert red > 200
    assert blue < 60
    red, _, blue = found.image.getpixel((70, 30))  # type: ignore[misc]
    assert red < 60


def test_orientation__of_a_nearly_square_picture_that_is_decoded_smaller() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(Image.new("RGB", (4000, 3999)), "JPEG", exif=exif)

    found = read(content, 64)

    assert (found.width, found.height) == (3999, 4000)


def test_image__of_sixteen_bits_a_colour() -> None:
    # Pillow writes none: a TIFF by hand, 2 × 2 pixels, of which the first is full red.
    pixels = np.zeros((2, 2, 3), dtype="<u2")
    pixels[0, 0] = (65535, 0, 0)
    pixels[1, 1] = (0, 0, 32768)
    entries = [(256, 3, 1, 2), (257, 3, 1, 2), (258, 3, 3, 122), (259, 3, 1, 1), (262, 3, 1, 2)]
    entries += [(273, 4, 1, 128), (277, 3, 1, 3), (278, 3, 1, 2), (279, 4, 1, 24)]
    directory = len(entries).to_bytes(2, "little") + b"".join(
        tag.to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + count.to_bytes(4, "little")
        + value.to_bytes(4, "little")
        for tag, kind, count, value in entries
    )
    head = b"II*\x00\x08\x00\x00\x00" + directory + bytes(4)
    content = head.ljust(122, b"\x00") + b"\x10\x00" * 3 + pixels.tobytes()

    found = read(content)

    assert found.image.getpixel((0, 0)) == (255, 0, 0)
    assert found.image.getpixel((1, 1)) == (0, 0, 128)


def test_image__of_floats_with_holes() -> None:
    values = np.linspace(-1, 1, 100, dtype=np.float32).reshape(10, 10)
    values[0, 0], values[5, 5] = np.nan, np.inf

    found = np.asarray(read(encoded(Image.fromarray(values), "TIFF")).image)

    assert (found[0, 0] == 0).all()
    assert (found[5, 5] == 0).all()
    assert found[9, 9].max() == 255


def test_image__cmyk_of_adobe_is_not_negative() -> None:
    # Pillow writes CMYK as Adobe does: inverted, with its marker.
    content = encoded(picture().convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in content[:200]

    found = read(content)

    red, green, blue = found.image.getpixel((5, 5))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60


def test_image__palette_with_a_transparent_colour() -> None:
    image = picture().convert("P")
    seen = image.getpixel((5, 5))
    content = encoded(image, "GIF", transparency=seen)

    found = read(content).image

    assert found.mode == "RGBA"
    assert found.getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert found.getpixel((35, 25))[3] == 255  # type: ignore[index]


def test_image__a_colour_that_stands_for_transparency() -> None:
    content = encoded(picture(), "PNG", transparency=(255, 0, 0))

    found = read(content).image

    assert found.getpixel((5, 5)) == (255, 0, 0, 0)


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG", "TIFF", "MPO", "AVIF"])
def test_image__of_several_pictures_shows_the_first(image_format: str) -> None:
    found = read(animated(image_format))

    red, green, blue = found.image.convert("RGB").getpixel((20, 15))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60
    assert (found.width, found.height) == (40, 30)
    assert found.mime == (
        "image/jpeg" if image_format == "MPO" else f"image/{image_format.lower()}"
    )


def test_image__colour_profile_is_applied() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey = Image.new("LAB", (8, 8), (128, 128, 128))
    # A profile whose channels are swapped would be best; Lab is one that Pillow can make.
    found = read(encoded(grey, "TIFF", icc_profile=lab))
    assert found.image.mode == "RGB"
    red, green, blue = found.image.getpixel((4, 4))  # type: ignore[misc]
    assert max(red, green, blue) - min(red, green, blue) <= 3


def test_image__srgb_profile_changes_nothing() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    found = read(encoded(picture(), "PNG", icc_profile=srgb))

    assert found.image.tobytes() == picture().tobytes()


def test_image__broken_profile_is_passed_over() -> None:
    found = read(encoded(picture(), "PNG", icc_profile=b"no profile at all"))

    assert found.image.getpixel((5, 5)) == (255, 0, 0)


def test_image__huge_jpeg_is_decoded_small() -> None:
    content = encoded(Image.new("RGB", (6000, 4000), "teal"), "JPEG")

    found = read(content, 256)

    assert (found.width, found.height) == (6000, 4000)
    assert 256 <= max(found.image.size) <= 1024


def test_measure_image__thumbnails_of_big_ones_are_all_made_at_once() -> None:
    arguments = {"sizes": {"small": 32, "large": 64}, "max_pixels": LIMIT}
    content = encoded(picture(200, 100))

    values, one = measure_image(io.BytesIO(content), **arguments, max_pixels_on_demand=20_000)  # type: ignore[arg-type]
    _, both = measure_image(io.BytesIO(content), **arguments, max_pixels_on_demand=19_999)  # type: ignore[arg-type]

    assert values == {"width": 200, "height": 100, "mime_type": "image/png"}
    assert set(one) == {"small"}
    assert set(both) == {"small", "large"}
    assert Image.open(io.BytesIO(both["large"])).size == (64, 32)


@pytest.mark.parametrize("image_format", ["TIFF", "GIF", "BMP", "PNG"])
def test_image__bombs_of_other_formats(image_format: str) -> None:
    content = bytearray(encoded(Image.new("L", (8, 8)), image_format))
    match image_format:
        case "PNG":
            content = bytearray(bomb(200_000))
        case "GIF":
            content[6:10] = b"\xff\xff\xff\xff"
        case "BMP":
            content[18:26] = (60_000).to_bytes(4, "little") * 2
        case "TIFF":
            for tag in (b"\x00\x01", b"\x01\x01"):
                at = content.index(tag + b"\x04\x00\x01\x00\x00\x00")
                content[at + 8 : at + 12] = (200_000).to_bytes(4, "little")

    with pytest.raises(UnreadableMedia, match="is the limit"):
        read(bytes(content))


@pytest.mark.parametrize(
    ("codec", "suffix", "mime"),
    [
        ("libx264", "mp4", "video/mp4"),
        ("libx264", "mov", "video/quicktime"),
        ("libx264", "mkv", "video/x-matroska"),
        ("libx264", "ts", "video/mp2t"),
        ("libx264", "flv", "video/x-flv"),
        ("libx265", "mp4", "video/mp4"),
        ("libvpx-vp9", "webm", "video/webm"),
        ("libsvtav1", "mp4", "video/mp4"),
        ("mjpeg", "avi", "video/x-msvideo"),
        ("mpeg4", "avi", "video/x-msvideo"),
        ("mpeg2video", "mpg", "video/mpeg"),
        ("wmv2", "asf", "video/x-ms-asf"),
    ],
)
def test_video__every_codec_and_container(
    tmp_path: Path, codec: str, suffix: str, mime: str
) -> None:
    fps = 25 if suffix == "mpg" else 10
    content = video(tmp_path, frames=25, fps=fps, codec=codec, suffix=suffix)

    found = probe(content)

    assert sniff(content[:512]) == found.mime == mime
    assert (found.width, found.height, found.frame_count) == (64, 48, 25)
    assert found.fps == pytest.approx(fps)
    assert found.duration == pytest.approx(25 / fps, abs=0.002)
    assert found.timestamps[0] == 0
    for number in (0, 7, 13, 23, 24):
        shown = level(content, found.timestamps[number])
        assert shown == pytest.approx(8 * number, abs=4), f"frame {number}"


def test_video__variable_frame_rate(tmp_path: Path) -> None:
    times = [0, 10, 20, 100, 105, 300]
    content = video(tmp_path, frames=6, times=times, suffix="mkv")

    found = probe(content)

    assert found.timestamps == pytest.approx([moment / 100 for moment in times])
    assert [found.nearest_frame(moment) for moment in (0.9, 2.1, 9)] == [3, 5, 5]
    for number in range(6):
        assert level(content, times[number] / 100) == pytest.approx(8 * number, abs=3)


@pytest.mark.parametrize(("rotation", "size"), [(90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_video__rotation_is_obeyed(tmp_path: Path, rotation: int, size: tuple[int, int]) -> None:
    content = video(tmp_path, rotation=rotation)

    found = probe(content)
    image = read_frame(io.BytesIO(content), 0, max_pixels=LIMIT)

    assert (found.width, found.height) == size
    assert image.size == size


def test_video__with_sound(tmp_path: Path) -> None:
    found = probe(video(tmp_path, frames=20, audio=True))

    assert (found.frame_count, found.duration) == (20, 2)


def test_video__that_holds_only_sound_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="no moving pictures"):
        probe(audio_only(tmp_path))


@pytest.mark.parametrize(
    ("suffix", "options"), [("mkv", {}), ("ts", {}), ("mp4", {"movflags": "faststart"})]
)
def test_video__broken_tail_is_left_out(
    tmp_path: Path, suffix: str, options: dict[str, str]
) -> None:
    noise = {"g": "12", "qp": "1"}
    content = video(tmp_path, frames=30, suffix=suffix, options=noise, container_options=options)
    cut = content[: int(len(content) * 0.8)]

    found = probe(cut)

    assert 1 <= found.frame_count <= 30
    if suffix != "mp4":
        assert found.frame_count < 30
    assert level(cut, found.timestamps[0]) == pytest.approx(0, abs=3)
    assert 5 in read_frames(io.BytesIO(cut), [0.1] * 6, max_pixels=LIMIT)


def test_video__with_b_frames_is_in_the_order_of_presentation(tmp_path: Path) -> None:
    options = {"bf": "3", "b_strategy": "0", "g": "30", "crf": "10"}
    content = video(tmp_path, frames=20, options=options)

    found = probe(content)

    assert found.timestamps == pytest.approx([number / 10 for number in range(20)])
    for number in range(20):
        assert level(content, number / 10) == pytest.approx(8 * number, abs=3)


@pytest.mark.parametrize("suffix", ["ts", "mkv"])
def test_video__that_does_not_begin_at_zero(tmp_path: Path, suffix: str) -> None:
    content = video(
        tmp_path, frames=10, times=[500 + 10 * number for number in range(10)], suffix=suffix
    )

    found = probe(content)

    assert found.timestamps == pytest.approx([number / 10 for number in range(10)], abs=0.001)
    assert found.duration == pytest.approx(1, abs=0.01)
    for number in (0, 4, 9):
        assert level(content, found.timestamps[number]) == pytest.approx(8 * number, abs=3)


def test_video__frames_by_given_measures_are_the_nearest(tmp_path: Path) -> None:
    content = video(tmp_path, frames=30, fps=30)

    images = read_frames(
        io.BytesIO(content), [number / 29.97 for number in (0, 9, 29)], max_pixels=LIMIT
    )

    levels = [float(np.asarray(images[place]).mean()) for place in range(3)]
    assert levels == pytest.approx([0, 72, 232], abs=4)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")
@pytest.mark.parametrize("name", ["bikes.mp4", "carphone_pristine.mp4"])
def test_video__real_files(name: str) -> None:
    with (DATA / name).open("rb") as file:
        found = probe_video(file, max_pixels=LIMIT)
        places = [0.0, found.timestamps[found.frame_count // 2], found.timestamps[-1]]
        images = read_frames(file, places, max_pixels=LIMIT)

    assert found.mime == "video/mp4"
    assert found.frame_count == pytest.approx(found.duration * found.fps, abs=1)
    assert [image.size for image in images.values()] == [(found.width, found.height)] * 3
