"""What every process loads: seven of them start at once, so each module counts seven times."""

import json
import subprocess
import sys

from tests.stack.running import ROOT, clean_environment

SCRIPT = """
import json, sys
import config.asgi
print(json.dumps(sorted(sys.modules)))
"""
# Long to load, and needed only by those who reduce vectors or fetch objects.
HEAVY = {"sklearn", "scipy", "openTSNE", "httpx", "httpcore", "boto3", "botocore"}


def test_web__loads_no_heavy_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=clean_environment(
            PYTHONPATH=str(ROOT / "platform"), KINDRED_SECRET_KEY="only for this test"
        ),
        capture_output=True,
        text=True,
        check=True,
    )

    assert HEAVY & set(json.loads(done.stdout)) == set()
