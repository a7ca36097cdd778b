"""Memory does not grow with the file: many entries with vectors, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from accounts.actor import Actor
from accounts.models import User
from folders.choices import KeyType
from folders.models import Folder, Item
from folders.services.data_imports import start_import
from folders.services.schema import add_key
from tests.folders.imports.files import image
from tests.jobs import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS = 20_000
LIMIT_MEGABYTES = 500
_WORK = """
import json, sys
from pathlib import Path
import django
django.setup()
from core.jobs.execution import execute_job

def peak():
    # Not getrusage: its maximum begins with what the parent held when it forked.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

before = peak()
execute_job(job_id=sys.argv[1])
print(json.dumps([before, peak()]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_registration__of_20000_items_stays_below_the_limit(
    birds: Folder, admin: User, actor_for: Callable[[User], Actor], tmp_path: Path
) -> None:
    actor = actor_for(admin)
    add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=128)
    vector = [n / 7 for n in range(128)]
    path = tmp_path / "many.json"
    with path.open("w") as file:
        file.write('{"images": [')
        for n in range(ITEMS):
            entry = image(f"{n}.png", clientMetadata={"n": n, "clip": vector})
            file.write(("," if n else "") + json.dumps(entry))
        file.write("]}")
    with path.open("rb") as content:
        row = start_import(
            actor=actor,
            folder=birds,
            kind="registration",
            file=content,
            file_name="many.json",
        )
    assert row.size > 40 * 1024 * 1024

    before, peak = _megabytes(str(row.job_id), tmp_path)

    assert Item.objects.count() == ITEMS
    assert peak < LIMIT_MEGABYTES
    # Less than the file itself takes, several times over, as Python objects.
    assert peak - before < 200


def _megabytes(job_id: str, data: Path) -> list[float]:
    """What the process held before the import, and at most while it lasted."""
    database = connection.settings_dict
    address = f"{database['HOST']}:{database['PORT']}".replace("/", "%2F")
    user = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
        "KINDRED_SECRET_KEY": "test-only",
        "KINDRED_DATA": str(data),
        "DATABASE_URL": f"postgres://{user}@{address}/{database['NAME']}",
    }
    ended = subprocess.run(
        [sys.executable, "-c", _WORK, job_id],
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    megabytes: list[float] = json.loads(ended.stdout.splitlines()[-1])
    return megabytes
