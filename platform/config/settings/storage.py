"""Where media and static files live."""

from typing import Any

from config.env import DATA_DIR, ROOT, env

_bucket = env.str("KINDRED_S3_BUCKET", default="")
# Set but empty is not set: compose files pass on what they do not know.
_region = env.str("KINDRED_S3_REGION", default="") or None
_endpoint = env.str("KINDRED_S3_ENDPOINT", default="") or None
# Originals go from the bucket to the browser, unless told otherwise; browsers may reach it by
# another address than we do. Named in full, so that pages can name its origin.
_browser_endpoint = (
    env.str("KINDRED_S3_BROWSER_ENDPOINT", default="")
    or _endpoint
    or f"https://s3.{_region or 'us-east-1'}.amazonaws.com"
)
_direct = bool(_bucket) and env.bool("KINDRED_S3_DIRECT", default=True)
# Pages that came over TLS must not load anything without it.
_mixed = env.bool("KINDRED_HTTPS", default=True) and _browser_endpoint.startswith("http://")


def _s3(endpoint: str | None) -> dict[str, Any]:
    """The bucket for media by one of its addresses."""
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket,
            "endpoint_url": endpoint,
            "access_key": env.str("KINDRED_S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("KINDRED_S3_SECRET_KEY", default="") or None,
            "region_name": _region,
            "signature_version": "s3v4",
            "file_overwrite": True,
            "querystring_auth": True,
            # What is opened is fetched whole: beyond this size into a file, not into memory.
            "max_memory_size": 16 * 1024 * 1024,
        },
    }


def _media_backend() -> dict[str, Any]:
    """A bucket when KINDRED_S3_BUCKET names one, else the folder media/ of the data folder."""
    if _bucket:
        return _s3(_endpoint)
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "media")},
    }


STORAGES = {
    "default": _media_backend(),
    "staticfiles": {"BACKEND": "core.staticfiles.KindredStaticStorage"},
}
MEDIA_ORIGINS: list[str] = []
if _direct and not _mixed:
    # Signs the addresses that browsers are sent to.
    STORAGES["browsers"] = _s3(_browser_endpoint)
    MEDIA_ORIGINS.append("/".join(_browser_endpoint.split("/", 3)[:3]))
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
VITE_DIST = ROOT / "frontend" / "dist"
STATICFILES_DIRS = [("vite", VITE_DIST)]
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": VITE_DIST / "manifest.json",
        "static_url_prefix": "vite",
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024  # a bundle of 1000 vectors as JSON
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
FILE_UPLOAD_TEMP_DIR = None
