"""What the environment makes of the media storage."""

import json
import subprocess
import sys
from typing import Any

from tests.stack.running import ROOT, clean_environment

SCRIPT = """
import json
from config.settings import base
print(json.dumps({"storages": base.STORAGES, "origins": base.MEDIA_ORIGINS}))
"""
BUCKET = {
    "KINDRED_S3_BUCKET": "media",
    "KINDRED_S3_ENDPOINT": "https://minio.example.org:9000",
    "KINDRED_S3_ACCESS_KEY": "AK",
    "KINDRED_S3_SECRET_KEY": "geheim",
}


def settings_of(**environment: str) -> dict[str, Any]:
    """Storages and origins under an environment."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=clean_environment(
            PYTHONPATH=str(ROOT / "platform"), KINDRED_SECRET_KEY="only here", **environment
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    values: dict[str, Any] = json.loads(done.stdout)
    return values


def test_storage__folder_unless_a_bucket_is_named() -> None:
    found = settings_of()

    assert set(found["storages"]) == {"default", "staticfiles"}
    assert found["storages"]["default"]["BACKEND"].endswith("FileSystemStorage")
    assert found["origins"] == []


def test_storage__bucket_and_its_origin() -> None:
    found = settings_of(**BUCKET)

    options = found["storages"]["default"]["OPTIONS"]
    assert (options["bucket_name"], options["signature_version"]) == ("media", "s3v4")
    assert found["storages"]["browsers"] == found["storages"]["default"]
    assert found["origins"] == ["https://minio.example.org:9000"]


def test_storage__endpoint_for_browsers() -> None:
    found = settings_of(**BUCKET, KINDRED_S3_BROWSER_ENDPOINT="https://files.example.org/")

    browsers = found["storages"]["browsers"]["OPTIONS"]
    assert browsers["endpoint_url"] == "https://files.example.org/"
    assert found["storages"]["default"]["OPTIONS"]["endpoint_url"] == BUCKET["KINDRED_S3_ENDPOINT"]
    assert found["origins"] == ["https://files.example.org"]


def test_storage__aws_is_named_in_full_for_browsers() -> None:
    found = settings_of(KINDRED_S3_BUCKET="media", KINDRED_S3_REGION="eu-west-1")

    assert found["storages"]["default"]["OPTIONS"]["endpoint_url"] is None
    assert found["origins"] == ["https://s3.eu-west-1.amazonaws.com"]


def test_storage__originals_through_us() -> None:
    """When it is told so, and where browsers would refuse to load from the bucket."""
    told = settings_of(**BUCKET, KINDRED_S3_DIRECT="0")
    plain = BUCKET | {"KINDRED_S3_ENDPOINT": "http://minio:9000"}
    mixed, both_plain = settings_of(**plain), settings_of(**plain, KINDRED_HTTPS="0")

    for found in (told, mixed):
        assert "browsers" not in found["storages"]
        assert found["origins"] == []
    assert both_plain["origins"] == ["http://minio:9000"]
