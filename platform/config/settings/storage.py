"""Where media and static files live."""

from typing import Any

from config.env import DATA_DIR, ROOT, env


def _media_backend() -> dict[str, Any]:
    """A bucket when KINDRED_S3_BUCKET names one, else the folder media/ of the data folder."""
    bucket = env.str("KINDRED_S3_BUCKET", default="")
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(DATA_DIR / "media")},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("KINDRED_S3_ENDPOINT", default=None),
            "access_key": env.str("KINDRED_S3_ACCESS_KEY", default=None),
            "secret_key": env.str("KINDRED_S3_SECRET_KEY", default=None),
            "region_name": env.str("KINDRED_S3_REGION", default=None),
            "file_overwrite": True,
            "querystring_auth": True,
        },
    }


STORAGES = {
    "default": _media_backend(),
    "staticfiles": {"BACKEND": "core.staticfiles.KindredStaticStorage"},
}
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
