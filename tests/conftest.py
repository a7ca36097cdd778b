"""Servers, settings and the cast of people that tests share."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parent.parent

pytest_plugins = ["tests.cast"]

# No example is timed: a busy machine is no defect of the code.
hypothesis_settings.register_profile(
    "kindred", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("kindred")

_stop: list[Callable[[], object]] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for the run, in the controlling process; xdist workers inherit it."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    if "KINDRED_TEST_DATABASE_URL" in os.environ:
        return
    sys.path.insert(0, str(ROOT / "platform"))
    from stack.postgres import EmbeddedPostgres

    data = Path(tempfile.mkdtemp(prefix="kindred-test-"))
    _stop.append(lambda: shutil.rmtree(data, ignore_errors=True))
    # Durability off: a test database is thrown away.
    postgres = EmbeddedPostgres(data / "postgres", fast=True)
    postgres.start()
    _stop.append(postgres.stop)
    os.environ["KINDRED_TEST_DATABASE_URL"] = postgres.url
    _stop.append(lambda: os.environ.pop("KINDRED_TEST_DATABASE_URL"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse a run that would start the same stack in every worker.

    xdist groups tests by what it adds to their ids, and says nothing when that has no effect.
    """
    if not getattr(session.config.option, "loadgroup", False):
        return
    marked = [item for item in session.items if item.get_closest_marker("xdist_group")]
    if any("@" not in item.nodeid for item in marked):
        raise pytest.UsageError("xdist does not keep the groups of this version of pytest together")


def pytest_unconfigure() -> None:
    """Stop what pytest_configure started, last first."""
    while _stop:
        _stop.pop()()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at the run's PostgreSQL."""
    import environ
    from django.db import connections

    address = environ.Env.db_url_config(os.environ["KINDRED_TEST_DATABASE_URL"])
    for part in ("HOST", "PORT", "USER", "PASSWORD", "NAME"):
        connections["default"].settings_dict[part] = address[part]


@pytest.fixture(autouse=True)
def _own_storage(settings: LazySettings, tmp_path: Path) -> None:
    """Each test keeps its media in a folder of its own, and needs no collected static files."""
    settings.KINDRED_DATA = tmp_path
    settings.STORAGES = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
