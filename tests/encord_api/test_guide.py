"""The examples of docs/api.md run as they stand, against a live platform."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.encord_api.conftest import Platform
from tests.folders.media_files import png

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("encord")]

GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "api.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
RUN = [(language, block) for language, block in BLOCKS if language in ("bash", "python")]


@pytest.fixture
def desk(platform: Platform, tmp_path: Path) -> Path:
    """A folder with what the guide asks for."""
    for number in range(1, 4):
        (tmp_path / f"owl-{number}.png").write_bytes(png(32 + number, 32))
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text(platform.insider.private_key)
    return tmp_path


def test_guide__has_an_example_of_each_sort() -> None:
    assert [language for language, _ in RUN] == ["bash", "python", "python"]
    assert "domain=" in RUN[2][1]


@pytest.mark.parametrize(("language", "block"), RUN, ids=["curl", "requests", "sdk"])
def test_guide__runs(platform: Platform, desk: Path, language: str, block: str) -> None:
    command = {
        "bash": ["bash", "-euo", "pipefail", "-c", block],
        "python": [sys.executable, "-c", block],
    }[language]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(desk),
        "KINDRED_URL": platform.url,
        "KINDRED_TOKEN": platform.insider.token,
        "KINDRED_SSH_KEY": str(desk / "key"),
    }

    done = subprocess.run(
        command, cwd=desk, env=environment, capture_output=True, text=True, timeout=240, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    if language == "bash":
        assert '"distance"' in done.stdout
        assert (desk / "vector.npy").read_bytes().startswith(b"\x93NUMPY")
