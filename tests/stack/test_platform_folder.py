"""A folder named `platform` must never hide Python's module of that name."""

import subprocess
import sys

from tests.stack.running import ROOT, clean_environment, manage


def test_python__keeps_its_own_platform_module() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=ROOT,
        env=clean_environment(PYTHONPATH=str(ROOT / "platform")),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_manage__checks_pass() -> None:
    done = manage("check", KINDRED_SECRET_KEY="only for this check")

    assert done.returncode == 0, done.stderr


def test_platform__holds_packages_only() -> None:
    assert [path.name for path in (ROOT / "platform").glob("*.py")] == []


def test_platform__no_package_bears_a_name_of_the_standard_library() -> None:
    packages = {path.parent.name for path in (ROOT / "platform").glob("*/__init__.py")}
    packages |= {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages & set(sys.stdlib_module_names) == set()
