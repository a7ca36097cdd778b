"""The checks before anything is started."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack.datafolder import DataFolder
from stack.errors import StackError
from tests.stack.running import ROOT, as_ordinary_user, clean_environment


def test_prepare__makes_a_private_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "a" / "b")

    folder.prepare()
    folder.prepare()

    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert folder.logs.is_dir()


def test_prepare__a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StackError, match="file is not a folder"):
        DataFolder(tmp_path / "file").prepare()


def test_prepare__disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=3 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)

    with pytest.raises(StackError, match="is full: 3 MB are free, 200 MB are needed"):
        DataFolder(tmp_path).prepare()


def test_prepare__not_writable(private_folder: Path) -> None:
    data = private_folder / "data"
    data.mkdir(mode=0o500)
    script = "import sys; from stack.environment import load_stack_environment as load\n"
    script += "load(sys.argv[1:])"

    done = subprocess.run(
        as_ordinary_user([sys.executable, "-c", script, "up", "--data", str(data)]),
        env=clean_environment(PYTHONPATH=str(ROOT / "platform")),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert f"The data folder {data} is not writable for user" in done.stderr
    assert "Traceback" not in done.stderr


def test_lock__one_holder(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)

    first.lock(f"process {os.getpid()}, http://127.0.0.1:8000/")

    with pytest.raises(StackError, match=rf"already runs on .*: process {os.getpid()}, http"):
        second.lock("another")
    first.unlock()
    second.lock("another")
    second.unlock()
    assert (tmp_path / "lock").read_text() == "another"
