"""Tells the type of a file from its first bytes; names and headers are never believed."""

from typing import Final

# As many bytes as the longest look below takes.
SNIFF_BYTES: Final = 512

_PREFIXES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"OggS", "video/ogg"),
    (b"FLV\x01", "video/x-flv"),
    (b"0&\xb2u\x8ef\xcf\x11", "video/x-ms-asf"),
)
_IMAGE_BRANDS: Final = {b"avif": "image/avif", b"avis": "image/avif"}
_HEIF_BRANDS: Final = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_TS_PACKET: Final = 188


def sniff(head: bytes) -> str:
    """The MIME type of a file that begins with these bytes; empty when it is not known."""
    for prefix, mime in _PREFIXES:
        if head.startswith(prefix):
            return mime
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _sniff_iso(head)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if len(head) > _TS_PACKET and head[0] == head[_TS_PACKET] == 0x47:
        return "video/mp2t"
    return ""


def is_video(mime: str) -> bool:
    """Whether files of the type are videos."""
    return mime.startswith("video/")


def _sniff_iso(head: bytes) -> str:
    """Files of the ISO base media format say by their brands what they are."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    for brand in brands:
        if brand in _IMAGE_BRANDS:
            return _IMAGE_BRANDS[brand]
        if brand in _HEIF_BRANDS:
            return "image/heif"
    return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
