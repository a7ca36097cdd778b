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
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"qoif", "image/qoi"),
    (b"%PDF-", "application/pdf"),
    (b"%!PS", "application/postscript"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x93NUMPY", "application/x-npy"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
)
# What files are that look like none of our kinds, for a sentence.
_NAMES: Final = {
    "application/pdf": "a PDF document",
    "application/postscript": "PostScript",
    "application/zip": "a ZIP archive or an office document",
    "application/gzip": "an archive",
    "application/x-xz": "an archive",
    "application/x-7z-compressed": "an archive",
    "application/vnd.rar": "an archive",
    "application/x-npy": "a NumPy array",
    "application/vnd.apache.parquet": "a Parquet file",
    "application/x-hdf5": "an HDF5 file",
    "audio/": "audio",
    "text/": "text",
    "video/": "a video",
    "image/": "an image",
}
_WANTED: Final = {"image/": "an image", "video/": "a video"}
_RIFF: Final = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}
_IMAGE_BRANDS: Final = {b"avif": "image/avif", b"avis": "image/avif"}
_HEIF_BRANDS: Final = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_AUDIO_BRANDS: Final = {b"M4A ", b"M4B ", b"M4P "}
# Packets of a transport stream; on discs a time stamp of four bytes goes before each.
_TS_PACKET: Final = 188
_M2TS_PACKET: Final = 192
_TEXT_BYTES: Final = bytes([*range(32, 127), *b"\t\n\r\f\x1b"])


def sniff(head: bytes) -> str:
    """The MIME type of a file that begins with these bytes; empty when it is not known."""
    for prefix, mime in _PREFIXES:
        if head.startswith(prefix):
            return mime
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _sniff_iso(head)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    for start, packet in ((0, _TS_PACKET), (4, _M2TS_PACKET)):
        if len(head) > start + packet and head[start] == head[start + packet] == 0x47:
            return "video/mp2t"
    return "text/plain" if _is_text(head) else ""


def not_media(mime: str, *, wanted: str) -> str:
    """A sentence on what a file is instead of the wanted "image/" or "video/"; may be empty."""
    if mime == "image/heif":
        return "The file is a HEIF or HEIC picture, for which there is no decoder here."
    if mime.startswith(wanted):
        return ""
    for prefix, name in _NAMES.items():
        if mime.startswith(prefix):
            return f"The file is {name}, not {_WANTED[wanted]}."
    return ""


def _sniff_iso(head: bytes) -> str:
    """Files of the ISO base media format say by their brands what they are."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    for brand in brands:
        if brand in _IMAGE_BRANDS:
            return _IMAGE_BRANDS[brand]
        if brand in _HEIF_BRANDS:
            return "image/heif"
        if brand in _AUDIO_BRANDS:
            return "audio/mp4"
    return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"


def _is_text(head: bytes) -> bool:
    """Whether it reads as text; the cut at the end may go through a letter."""
    if not head.strip() or b"\x00" in head:
        return False
    if not head.translate(None, _TEXT_BYTES):
        return True
    try:
        text = head[: -4 if len(head) == SNIFF_BYTES else None].decode()
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter.isspace() for letter in text)
